#include "engine/audit/log.h"

#include "core/base/error.h"
#include "engine/audit/database.h"
#include "tests/engine/audit/audit_fixture.h"

#include <array>
#include <cmath>
#include <functional>
#include <vector>

namespace driftlens {
namespace {

class AuditLogTest : public AuditLogFile {};

std::string messageOf(const std::function<void()>& call, ErrorKind kind) {
    try {
        call();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), kind) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

TEST_F(AuditLogTest, VerifiesAndSaysWhatItCannotDetect) {
    const AuditVerification verification = verifyAuditLog(file);
    EXPECT_EQ(verification.status, "ok") << listed(verification);
    EXPECT_EQ(verification.records, kSmallLogRecords);
    EXPECT_EQ(verification.unmatchedStarts, 0);
    EXPECT_FALSE(verification.firstBadRecord);
    EXPECT_EQ(verification.head, toHex(AuditLog::openForReading(file)->head()));
    EXPECT_GE(verification.cannotDetect.size(), 6U);
}

TEST_F(AuditLogTest, CarriesItsOwnIdentityInTheGenesisRecord) {
    const auto log = AuditLog::openForReading(file);
    const std::vector<AuditRecord> records = log->records();
    ASSERT_EQ(static_cast<std::int64_t>(records.size()), kSmallLogRecords);
    EXPECT_EQ(records[0].type, "genesis");
    EXPECT_EQ(records[0].body["schema_version"], 1);
    EXPECT_EQ(records[0].body["application_id"], query("PRAGMA application_id"));
    EXPECT_EQ(log->logId().size(), 32U);
    for (const AuditRecord& record : records) {
        EXPECT_NE(record.canonical.find(log->logId()), std::string::npos);
    }
}

TEST_F(AuditLogTest, ReadsBackRunsPayloadsAndBlobs) {
    const auto log = AuditLog::openForReading(file);
    const std::vector<RunSummary> runs = log->runs();
    ASSERT_EQ(runs.size(), 3U);
    EXPECT_EQ(runs[0].runId, runId);
    EXPECT_EQ(runs[0].verb, "compare");
    EXPECT_EQ(runs[0].status, "finished");
    EXPECT_EQ(runs[0].firstSeq, 2);
    EXPECT_EQ(runs[0].records, 4);
    EXPECT_EQ(runs[1].status, "failed");
    EXPECT_EQ(runs[2].status, "cancelled");
    EXPECT_EQ(log->payload(runId, "prompt"), "not bad at all");
    EXPECT_EQ(log->payload(kFirstResult, "top"), "lamp");
    EXPECT_EQ(log->payload(kSecondResult, "top"), std::nullopt);
    EXPECT_EQ(log->payload(runs[1].runId, "error_message"), "score 3 is not finite");

    const Json reference = log->records(runId)[1].body["scores"];
    EXPECT_EQ(reference["shape"], Json({2, 3}));
    Sha256 digest{};
    const auto bytes = fromHex(reference["blob_commitment"].get<std::string>());
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    const std::vector<double> scores = log->blob(digest);
    EXPECT_EQ(scores, (std::vector<double>{0.5, -1.25, 3.0, 0.1, 0.0, 0.0}));
    EXPECT_TRUE(std::signbit(scores[5]));
}

TEST_F(AuditLogTest, KeepsPayloadTextOutOfTheRecords) {
    for (const AuditRecord& record : AuditLog::openForReading(file)->records()) {
        EXPECT_EQ(record.canonical.find("not bad"), std::string::npos);
        EXPECT_EQ(record.canonical.find("not finite"), std::string::npos);
    }
}

TEST_F(AuditLogTest, StoresEqualVectorsOnceUnderDifferentCommitments) {
    const auto log = AuditLog::openForWriting(file);
    const std::array<double, 1> values = {0.75};
    const std::array<std::int64_t, 1> shape = {1};
    const BlobReference first = log->addBlob(values, shape);
    const BlobReference second = log->addBlob(values, shape);
    EXPECT_NE(first.digest, second.digest);
    const std::string run = log->startRun(
        "explain", Json{{"scores", Json::array({blobJson(first), blobJson(second)})}});
    EXPECT_EQ(log->blob(first.digest), log->blob(second.digest));
    EXPECT_EQ(query("SELECT count(*) FROM blob"), 2);
    EXPECT_EQ(verifyAuditLog(file).status, "ok");
}

TEST_F(AuditLogTest, RecordsActorClockAndDuration) {
    const std::vector<AuditRecord> records = AuditLog::openForReading(file)->records(runId);
    for (const char* key : {"user", "uid", "host", "program", "pid"}) {
        EXPECT_TRUE(records[0].meta["actor"].contains(key)) << key;
    }
    EXPECT_EQ(records[0].meta["clock"]["monotonic"], "CLOCK_MONOTONIC");
    EXPECT_GE(std::stoll(records.back().meta["duration_ns"].get<std::string>()), 0);
    EXPECT_EQ(records[0].timeUtc.size(), std::string("2026-01-31T12:00:00.000000001Z").size());
}

TEST_F(AuditLogTest, CountsRunsThatNeverEnded) {
    const std::string open = AuditLog::openForWriting(file)->startRun("explain", Json::object());
    const AuditVerification verification = verifyAuditLog(file);
    EXPECT_EQ(verification.status, "ok") << listed(verification);
    EXPECT_EQ(verification.unmatchedStarts, 1);
    EXPECT_EQ(AuditLog::openForReading(file)->runs().back().status, "unmatched");

    AuditLog::openForWriting(file)->finishRun(open, Json::object());
    EXPECT_EQ(verifyAuditLog(file).unmatchedStarts, 0);
}

TEST_F(AuditLogTest, RefusesRecordsOutsideAnOpenRun) {
    const auto log = AuditLog::openForWriting(file);
    for (const std::string& run : {runId, std::string("0000000000000000"), std::string()}) {
        messageOf([&] { log->addResult(run, Json::object()); }, ErrorKind::Internal);
        messageOf([&] { log->finishRun(run, Json::object()); }, ErrorKind::Internal);
    }
    EXPECT_EQ(log->recordCount(), kSmallLogRecords);
}

TEST_F(AuditLogTest, RefusesWhatItCouldNotVerifyLater) {
    const auto log = AuditLog::openForWriting(file);
    const auto refuse = [&](const Json& body) {
        messageOf([&] { log->startRun("explain", body); }, ErrorKind::Internal);
    };
    refuse(Json{{"score", 0.5}});
    refuse(Json::array());
    refuse(Json{{"scores", blobJson(BlobReference{})}});
    Json deep = Json::object();
    for (int i = 0; i < 100; ++i) deep = Json{{"a", deep}};
    refuse(deep);
    const std::array<Payload, 2> twice = {{{"prompt", "a"}, {"prompt", "b"}}};
    messageOf([&] { log->startRun("explain", Json::object(), twice); }, ErrorKind::Internal);
    EXPECT_EQ(log->recordCount(), kSmallLogRecords);
    EXPECT_EQ(verifyAuditLog(file).status, "ok");
}

TEST_F(AuditLogTest, RefusesTheBlobOfAnotherRun) {
    const auto log = AuditLog::openForWriting(file);
    const Json reference = log->records(runId)[1].body["scores"];
    messageOf([&] { log->startRun("explain", Json{{"scores", reference}}); }, ErrorKind::Internal);
}

TEST_F(AuditLogTest, KeepsAFailureMessageThatIsNotUtf8) {
    const auto log = AuditLog::openForWriting(file);
    const std::string run = log->startRun("explain", Json::object());
    log->failRun(run, "input_file", "file \xff.json");
    EXPECT_EQ(log->payload(run, "error_message"), "file ?.json");
    EXPECT_EQ(verifyAuditLog(file).status, "ok");
}

TEST_F(AuditLogTest, DoesNotWriteWhenOpenedForReading) {
    const auto log = AuditLog::openForReading(file);
    messageOf([&] { log->startRun("explain", Json::object()); }, ErrorKind::Internal);
}

TEST_F(AuditLogTest, UsesTheSettingsThatSurviveACrash) {
    AuditLog::openForWriting(file)->startRun("explain", Json::object());
    // A journal that is truncated stays, empty; a deleted one or a write-ahead log would not.
    EXPECT_EQ(std::filesystem::file_size(file.string() + "-journal"), 0U);
    EXPECT_FALSE(std::filesystem::exists(file.string() + "-wal"));
    audit::Database database = audit::Database::openReadWrite(file);
    EXPECT_EQ(database.integer("PRAGMA synchronous"), 3);  // EXTRA
    EXPECT_EQ(database.integer("PRAGMA secure_delete"), 1);
    EXPECT_EQ(database.integer("PRAGMA foreign_keys"), 1);
    EXPECT_EQ(database.integer("PRAGMA recursive_triggers"), 1);
    EXPECT_EQ(database.integer("PRAGMA trusted_schema"), 0);
    EXPECT_EQ(database.integer("PRAGMA cell_size_check"), 1);
    EXPECT_EQ(database.integer("PRAGMA mmap_size"), 0);
    EXPECT_EQ(database.integer("PRAGMA busy_timeout"), audit::kBusyTimeoutMilliseconds);
}

TEST_F(AuditLogTest, RefusesFilesThatAreNoLogAndLeavesThemAlone) {
    const std::filesystem::path text = folder / "notes.txt";
    for (const std::string& content : {std::string("hello"), std::string(5000, 'x')}) {
        writeBytes(text, content);
        messageOf([&] { AuditLog::openForWriting(text); }, ErrorKind::InputFile);
        messageOf([&] { AuditLog::openForReading(text); }, ErrorKind::InputFile);
        EXPECT_EQ(verifyAuditLog(text).status, "unreadable");
        EXPECT_EQ(readBytes(text), content);
    }
    messageOf([&] { AuditLog::openForReading(folder / "absent.db"); }, ErrorKind::InputFile);
    messageOf([&] { AuditLog::openForReading(folder); }, ErrorKind::InputFile);
    EXPECT_EQ(verifyAuditLog(folder / "absent.db").status, "unreadable");
    EXPECT_EQ(verifyAuditLog(folder).status, "unreadable");
    EXPECT_EQ(verifyAuditLog("/dev/null").status, "unreadable");
}

TEST_F(AuditLogTest, RefusesAnotherProgramsDatabaseAndLeavesItAlone) {
    for (const char* mode : {"delete", "wal"}) {
        std::filesystem::remove(file);
        attack("PRAGMA journal_mode=" + std::string(mode) +
               "; CREATE TABLE t(a); INSERT INTO t "
               "VALUES(1)");
        const std::string before = readBytes(file);
        messageOf([&] { AuditLog::openForWriting(file); }, ErrorKind::InputFile);
        messageOf([&] { AuditLog::openForReading(file); }, ErrorKind::InputFile);
        EXPECT_EQ(verifyAuditLog(file).status, "unreadable");
        EXPECT_EQ(readBytes(file), before);
    }
}

TEST_F(AuditLogTest, RefusesALogOfANewerVersion) {
    attack("CREATE TABLE added(a); PRAGMA user_version=2");
    const auto open = [&] { AuditLog::openForWriting(file); };
    EXPECT_NE(messageOf(open, ErrorKind::InputFile).find("version 2"), std::string::npos);
    EXPECT_EQ(verifyAuditLog(file).status, "unreadable");
}

TEST_F(AuditLogTest, RefusesAPathThatCannotBeWritten) {
    messageOf([&] { AuditLog::openForWriting(folder / "no" / "such" / "a.db"); }, ErrorKind::Io);
    messageOf([&] { AuditLog::openForWriting(file / "inside.db"); }, ErrorKind::Io);
    messageOf([&] { AuditLog::openForWriting(folder); }, ErrorKind::Io);
    EXPECT_EQ(exitCode(ErrorKind::Io), 8);
}

TEST_F(AuditLogTest, StartsAnEmptyFileAsANewLog) {
    writeBytes(folder / "empty.db", "");
    EXPECT_EQ(verifyAuditLog(folder / "empty.db").status, "unreadable");
    AuditLog::openForWriting(folder / "empty.db");
    EXPECT_EQ(verifyAuditLog(folder / "empty.db").status, "ok");
}

TEST_F(AuditLogTest, GivesEveryLogAnIdOfItsOwn) {
    EXPECT_NE(AuditLog::openForWriting(folder / "a.db")->logId(),
              AuditLog::openForWriting(folder / "b.db")->logId());
}

}  // namespace
}  // namespace driftlens
