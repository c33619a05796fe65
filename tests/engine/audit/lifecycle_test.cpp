// What happens to a log after its runs: erasure, retention, export, a new key.
#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/audit/sidecar_file.h"
#include "tests/engine/audit/audit_fixture.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

namespace driftlens {
namespace {

constexpr const char* kSecret = "the patient in room 4711 is called Kohlhaas";
constexpr std::array<std::int64_t, 5> kSecretIds = {40213, 19107, 30544, 27771, 48002};

ErrorKind kindOf(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.kind();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorKind::Internal;
}

template <typename Integer>
std::string littleEndian() {
    std::string bytes;
    for (const std::int64_t id : kSecretIds) {
        for (std::size_t i = 0; i < sizeof(Integer); ++i) {
            bytes += static_cast<char>(id >> (8 * i) & 0xff);
        }
    }
    return bytes;
}

// SQLite's integers have the high group first, protobuf's the low one.
std::string varints(bool isHighFirst) {
    std::string bytes;
    for (const std::int64_t id : kSecretIds) {
        std::string groups;
        for (std::int64_t rest = id; rest > 0; rest >>= 7) {
            groups += static_cast<char>(rest & 0x7f);
        }
        if (isHighFirst) std::reverse(groups.begin(), groups.end());
        for (std::size_t i = 0; i + 1 < groups.size(); ++i) {
            groups[i] = static_cast<char>(groups[i] | 0x80);
        }
        bytes += groups;
    }
    return bytes;
}

std::string secretIdsAsJson() {
    std::string text;
    for (const std::int64_t id : kSecretIds) text += (text.empty() ? "" : ",") + std::to_string(id);
    return text;
}

// Everything that would give the erased away, by the name of its form.
std::vector<std::pair<std::string, std::string>> traces() {
    return {{"text", kSecret},
            {"part of the text", "Kohlhaas"},
            {"ids as JSON", secretIdsAsJson()},
            {"ids as int32", littleEndian<std::int32_t>()},
            {"ids as int64", littleEndian<std::int64_t>()},
            {"ids as varints", varints(false)},
            {"ids as SQLite's varints", varints(true)}};
}

class Lifecycle : public AuditLogFile {
protected:
    // A run whose payloads hold the secret in every form, some longer than a page, among others
    // that make the pages split and be filled again.
    std::string writeSecretRun() const {
        const auto log = AuditLog::openForWriting(file);
        for (int i = 0; i < 40; ++i) writeOrdinaryRun(*log);
        std::string everything;
        for (const auto& [form, bytes] : traces()) everything += bytes + "|";
        std::string repeated;
        while (repeated.size() < 20000) repeated += everything;
        const std::array<Payload, 3> payloads = {
            {{"prompt", everything}, {"token_ids", secretIdsAsJson()}, {"long", repeated}}};
        const std::string run = log->startRun("explain", Json::object(), payloads);
        for (int i = 0; i < 40; ++i) writeOrdinaryRun(*log);
        const std::array<std::int64_t, 1> shape = {5};
        std::vector<double> scores(kSecretIds.begin(), kSecretIds.end());
        const Json body = {{"scores", blobJson(log->addBlob(scores, shape))}};
        log->addResult(run, body, payloads);
        log->finishRun(run, Json::object());
        return run;
    }

    static void writeOrdinaryRun(AuditLog& log) {
        const std::array<Payload, 1> payloads = {{{"prompt", std::string(700, 'o')}}};
        log.finishRun(log.startRun("explain", Json::object(), payloads), Json::object());
    }

    // Which forms of the secret some file beside the log still holds, and that file.
    std::vector<std::string> found() const {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            const std::string bytes = readBytes(entry.path());
            for (const auto& [form, trace] : traces()) {
                if (bytes.find(trace) == std::string::npos) continue;
                out.push_back(form + " in " + entry.path().filename().string());
            }
        }
        return out;
    }

    AuditVerification expectStatus(std::string_view status) const {
        AuditVerification verification = verifyAuditLog(file);
        EXPECT_EQ(verification.status, status) << listed(verification);
        return verification;
    }

    AuditRecord last() const { return AuditLog::openForReading(file)->records().back(); }
};

TEST_F(Lifecycle, ErasureLeavesNoTraceInAnyFile) {
    const std::string run = writeSecretRun();
    EXPECT_EQ(found().size(), traces().size());
    const Erasure erasure = AuditLog::openForWriting(file)->erase(run, "asked for it");
    EXPECT_EQ(erasure.payloads, 6);
    EXPECT_EQ(erasure.blobs, 1);
    EXPECT_EQ(found(), std::vector<std::string>());
    EXPECT_EQ(query("PRAGMA freelist_count"), 0);
    const AuditVerification verification = expectStatus("erased");
    EXPECT_EQ(verification.erased, 7);
    EXPECT_EQ(exitCodeOf(verification.status), 7);
}

TEST_F(Lifecycle, ErasureIsOnRecordAndLeavesTheOtherRunsAlone) {
    const std::string run = writeSecretRun();
    const auto log = AuditLog::openForWriting(file);
    const Erasure erasure = log->erase(run, "asked for it");
    const AuditRecord record = log->records(run).back();
    EXPECT_EQ(record.seq, erasure.record);
    EXPECT_EQ(record.type, "erased");
    EXPECT_EQ(record.body["reason"], "asked for it");
    EXPECT_TRUE(record.meta.contains("actor"));
    EXPECT_EQ(log->payload(run, "prompt"), std::nullopt);
    EXPECT_EQ(log->payload(runId, "prompt"), "not bad at all");
    EXPECT_EQ(query("SELECT count(*) FROM blob"), 1);
}

TEST_F(Lifecycle, ErasesABlobOnlyWithItsLastReference) {
    const auto log = AuditLog::openForWriting(file);
    const std::array<double, 6> same = {0.5, -1.25, 3.0, 0.1, 0.0, -0.0};
    const std::array<std::int64_t, 2> shape = {2, 3};
    const std::string other =
        log->startRun("explain", Json{{"scores", blobJson(log->addBlob(same, shape))}});
    log->erase(runId, "first");
    EXPECT_EQ(query("SELECT count(*) FROM blob"), 1);
    expectStatus("erased");
    log->erase(other, "second");
    EXPECT_EQ(query("SELECT count(*) FROM blob"), 0);
    expectStatus("erased");
}

TEST_F(Lifecycle, ErasesAgainWhatCameSince) {
    const auto log = AuditLog::openForWriting(file);
    const std::array<Payload, 1> payloads = {{{"prompt", "again"}}};
    const std::string run = log->startRun("explain", Json::object(), payloads);
    EXPECT_EQ(log->erase(run, "once").payloads, 1);
    EXPECT_EQ(log->erase(run, "once more").record, 0);
    log->addResult(run, Json::object(), payloads);
    expectStatus("erased");
    EXPECT_EQ(log->erase(run, "twice").payloads, 1);
    EXPECT_EQ(expectStatus("erased").erased, 2);
}

TEST_F(Lifecycle, RefusesAnErasureWithoutARunOrAReason) {
    const auto log = AuditLog::openForWriting(file);
    const std::int64_t before = log->recordCount();
    for (const std::string& reason :
         {std::string(), std::string(" "), std::string(1001, 'x'), std::string("\xff")}) {
        EXPECT_EQ(kindOf([&] { log->erase(runId, reason); }), ErrorKind::Usage);
        EXPECT_EQ(kindOf([&] { log->eraseOlderThan(1, reason); }), ErrorKind::Usage);
    }
    EXPECT_EQ(kindOf([&] { log->erase("", "why"); }), ErrorKind::Usage);
    EXPECT_EQ(kindOf([&] { log->erase("0000000000000000", "why"); }), ErrorKind::Usage);
    EXPECT_EQ(kindOf([&] { log->eraseOlderThan(-1, "why"); }), ErrorKind::Usage);
    EXPECT_EQ(kindOf([&] { log->eraseOlderThan(1'000'000, "why"); }), ErrorKind::Usage);
    EXPECT_EQ(log->recordCount(), before);
    expectStatus("ok");
}

TEST_F(Lifecycle, FindsWhatWasDeletedWithoutAnErasureAndWhatCameBack) {
    const auto log = AuditLog::openForWriting(file);
    log->erase(runId, "why");
    attackWithoutTriggers("INSERT INTO payload VALUES(2, 'prompt', zeroblob(32), x'00')");
    EXPECT_TRUE(anyFinding(expectStatus("tampered"), "of record 2 was"));
    attackWithoutTriggers("DELETE FROM payload WHERE seq = 2");
    expectStatus("erased");
    attackWithoutTriggers("DELETE FROM payload");  // the failed run's message, not erased
    EXPECT_TRUE(anyFinding(expectStatus("tampered"), "of record 7 is missing"));
}

TEST_F(Lifecycle, RetentionErasesOldRunsAndPutsThePolicyOnRecord) {
    const auto log = AuditLog::openForWriting(file);
    EXPECT_EQ(log->eraseOlderThan(1, "30 days are enough").runs, 0);
    EXPECT_EQ(last().type, "retention");
    expectStatus("ok");
    const Erasure all = log->eraseOlderThan(0, "30 days are enough");
    EXPECT_EQ(all.runs, 2);  // the third has nothing to erase
    EXPECT_EQ(all.payloads, 4);
    EXPECT_EQ(all.blobs, 2);
    const Json body = last().body;
    EXPECT_EQ(body["runs"], 2);
    EXPECT_EQ(body["older_than_days"], 0);
    EXPECT_EQ(body["reason"], "30 days are enough");
    EXPECT_EQ(query("SELECT count(*) FROM payload"), 0);
    EXPECT_EQ(expectStatus("erased").erased, 6);
}

TEST_F(Lifecycle, ExportHoldsWhatIsNotErasedAndIsOnRecord) {
    const auto log = AuditLog::openForWriting(file);
    const std::filesystem::path before = folder / "before.jsonl";
    const ExportSummary summary = log->exportTo(before);
    EXPECT_EQ(summary.records, kSmallLogRecords);
    EXPECT_EQ(summary.payloads, 4);
    EXPECT_EQ(summary.blobs, 2);
    EXPECT_EQ(summary.sha256, toHex(sha256(readBytes(before))));
    EXPECT_EQ(last().type, "exported");
    EXPECT_EQ(last().body["sha256"], summary.sha256);
    EXPECT_EQ(std::filesystem::status(before).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

    const Erasure erasure = log->erase(runId, "why");
    ASSERT_EQ(erasure.exports.size(), 1U);
    EXPECT_EQ(erasure.exports[0].record, summary.record);
    EXPECT_EQ(erasure.exports[0].file, before.string());
    EXPECT_EQ(log->records(runId).back().body["exports"][0]["sha256"], summary.sha256);

    const std::filesystem::path after = folder / "after.jsonl";
    EXPECT_EQ(log->exportTo(after).payloads, 1);
    EXPECT_NE(readBytes(before).find("not bad at all"), std::string::npos);
    EXPECT_EQ(readBytes(after).find("not bad at all"), std::string::npos);
    expectStatus("erased");
}

TEST_F(Lifecycle, AReportIsOnRecordAndErasuresOfItsRunAloneNameIt) {
    const auto log = AuditLog::openForWriting(file);
    const std::string other = log->startRun("explain", Json::object(), {{{"prompt", "a"}}});
    const std::string digest(64, 'a');
    EXPECT_EQ(log->addReportExport({runId, "html", "reports/r.html", digest}),
              kSmallLogRecords + 2);
    const Json body = last().body;
    EXPECT_EQ(last().type, "exported");
    EXPECT_EQ(body["format"], "driftlens/report/html");
    EXPECT_EQ(body["run"], runId);
    EXPECT_EQ(body["records"], 4);
    EXPECT_EQ(body["first_record"], 2);
    EXPECT_EQ(body["last_record"], 5);
    EXPECT_EQ(body["checkpoint"]["size"], std::to_string(kSmallLogRecords + 1));
    EXPECT_EQ(kindOf([&] { log->addReportExport({"", "html", "f", digest}); }), ErrorKind::Usage);
    EXPECT_TRUE(log->erase(other, "why").exports.empty());
    EXPECT_EQ(log->erase(runId, "why").exports.at(0).file, "reports/r.html");
    expectStatus("erased");
}

TEST_F(Lifecycle, ARerunBelongsToAFinishedRunOrToNone) {
    const auto log = AuditLog::openForWriting(file);
    const std::string open = log->startRun("explain", Json::object());
    const Json body = {{"verdict", "bitwise_equal"}};
    EXPECT_EQ(kindOf([&] { log->addRerun(open, body); }), ErrorKind::Internal);
    EXPECT_EQ(kindOf([&] { log->addRerun("0000000000000000", body); }), ErrorKind::Internal);
    EXPECT_EQ(log->addRerun(runId, body), kSmallLogRecords + 2);
    EXPECT_EQ(last().type, "rerun");
    EXPECT_EQ(last().runId, runId);
    EXPECT_EQ(log->runs().front().status, "finished");
    log->addRerun("", body);
    EXPECT_EQ(last().runId, "");
    expectStatus("ok");
    log->erase(runId, "why");  // the verdict stays
    expectStatus("erased");
}

TEST_F(Lifecycle, ExportNeverReplacesAFile) {
    const auto log = AuditLog::openForWriting(file);
    const std::int64_t before = log->recordCount();
    for (const auto& taken : {file, audit::keyFileOf(file), audit::checkpointFileOf(file)}) {
        const std::string bytes = readBytes(taken);
        EXPECT_EQ(kindOf([&] { log->exportTo(taken); }), ErrorKind::Usage);
        EXPECT_EQ(readBytes(taken), bytes);
    }
    EXPECT_EQ(kindOf([&] { log->exportTo(folder / "no" / "such.jsonl"); }), ErrorKind::Io);
    EXPECT_EQ(log->recordCount(), before);
}

TEST_F(Lifecycle, ExportRefusesWhatDoesNotHashToItsRecord) {
    const auto log = AuditLog::openForWriting(file);
    attackWithoutTriggers("UPDATE payload SET bytes = x'6162' WHERE name = 'prompt'");
    EXPECT_EQ(kindOf([&] { log->exportTo(folder / "out.jsonl"); }), ErrorKind::Tampered);
    EXPECT_FALSE(std::filesystem::exists(folder / "out.jsonl"));
}

TEST_F(Lifecycle, ANewKeySignsOnAndTheOldOneIsStillTrusted) {
    const std::filesystem::path held = folder / "held.pub";
    const auto log = AuditLog::openForWriting(file);
    writeBytes(held, log->publicKey());
    const std::string before = readBytes(audit::keyFileOf(file));
    const std::string next = log->rotateKey();
    EXPECT_EQ(log->publicKey(), next);
    EXPECT_NE(readBytes(audit::keyFileOf(file)), before);
    EXPECT_FALSE(std::filesystem::exists(audit::nextKeyFileOf(file)));
    writeOrdinaryRun(*log);
    AuditLog::openForWriting(file)->startRun("explain", Json::object());
    for (int i = 0; i < 2; ++i) {
        const AuditVerification found =
            verifyAuditLog(file, {.checkpointFile = std::nullopt, .publicKeyFile = held});
        EXPECT_EQ(found.status, "ok") << listed(found);
        EXPECT_EQ(found.checkpoint->key, next);
        writeBytes(held, next);
    }
}

TEST_F(Lifecycle, AnotherOpenWriterTakesUpTheNewKey) {
    const auto other = AuditLog::openForWriting(file);
    AuditLog::openForWriting(file)->rotateKey();
    writeOrdinaryRun(*other);
    expectStatus("ok");
}

TEST_F(Lifecycle, AnOldKeySignsNothingAfterARotation) {
    const std::string old = readBytes(audit::keyFileOf(file));
    AuditLog::openForWriting(file)->rotateKey();
    writeBytes(audit::keyFileOf(file), old);
    EXPECT_EQ(kindOf([&] { AuditLog::openForWriting(file); }), ErrorKind::InputFile);
}

TEST_F(Lifecycle, ARotationThatACrashCutShortIsFinishedOrForgotten) {
    const std::string oldKey = readBytes(audit::keyFileOf(file));
    const std::string oldLog = readBytes(file);
    const std::string oldNotes = readBytes(audit::checkpointFileOf(file));
    AuditLog::openForWriting(file)->rotateKey();
    const std::string newKey = readBytes(audit::keyFileOf(file));
    // Between the record and the renaming of the key, before and after the checkpoint.
    const std::string newNotes = readBytes(audit::checkpointFileOf(file));
    for (const std::string& notes : {oldNotes, newNotes}) {
        writeBytes(audit::checkpointFileOf(file), notes);
        writeBytes(audit::keyFileOf(file), oldKey);
        ASSERT_TRUE(audit::createSecretFile(audit::nextKeyFileOf(file), newKey));
        AuditLog::openForWriting(file)->startRun("explain", Json::object());
        EXPECT_EQ(readBytes(audit::keyFileOf(file)), newKey);
        EXPECT_FALSE(std::filesystem::exists(audit::nextKeyFileOf(file)));
        expectStatus("ok");
        attackWithoutTriggers("DELETE FROM record WHERE seq > 10");
    }
    // Before the record.
    writeBytes(file, oldLog);
    writeBytes(audit::checkpointFileOf(file), oldNotes);
    writeBytes(audit::keyFileOf(file), oldKey);
    ASSERT_TRUE(audit::createSecretFile(audit::nextKeyFileOf(file), newKey));
    AuditLog::openForWriting(file)->rotateKey();
    expectStatus("ok");
}

TEST_F(Lifecycle, NoPartialKeyIsLeftBeside) {
    AuditLog::openForWriting(file)->rotateKey();
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{"audit.db", "audit.db-journal",
                                               "audit.db.checkpoints", "audit.db.key"}));
}

}  // namespace
}  // namespace driftlens
