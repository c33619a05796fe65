// verify_log.py, which knows FORMAT.md alone, agrees with verifyAuditLog on every attack; and a
// proof convinces where the log is not. Prints the table of attacks.
#include "core/base/error.h"
#include "engine/audit/checkpoint.h"
#include "engine/audit/log.h"
#include "engine/audit/proof.h"
#include "engine/audit/record.h"
#include "engine/audit/sidecar_file.h"
#include "tests/engine/audit/audit_fixture.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <iomanip>
#include <iostream>
#include <sys/wait.h>
#include <vector>

namespace driftlens {
namespace {

// Starting Python takes longer than verifying: one process does all cases of a test.
constexpr const char* kPython =
    "python3 -c 'import json, sys; sys.path.insert(0, \"tests/engine/audit\"); import verify_log\n"
    "for line in open(sys.argv[1]): sys.argv[1:] = json.loads(line); "
    "print(\"code\", verify_log.main())'";

class IndependentVerifier : public AuditLogFile {
protected:
    IndependentVerifier() {
        writeBytes(held, AuditLog::openForReading(file)->newestCheckpoint());
        writeBytes(key, AuditLog::openForReading(file)->publicKey());
        for (const auto& each : {file, notes()}) m_before.push_back(readBytes(each));
    }

    ~IndependentVerifier() override { askPython(); }

    std::filesystem::path notes() const { return audit::checkpointFileOf(file); }

    // Both verifiers say this of the log as it is, and exit with the code of it.
    void expectBoth(const std::string& attack, std::string_view status, bool isHeld = false) {
        const AuditTrust trust = isHeld ? AuditTrust{held, key} : AuditTrust{};
        const AuditVerification found = verifyAuditLog(file, trust);
        EXPECT_EQ(found.status, status) << attack << ": " << listed(found);
        expectOfPython(attack, isHeld ? std::vector{file, held, key} : std::vector{file},
                       exitCodeOf(status));
        std::cout << std::left << std::setw(48) << attack + (isHeld ? ", checkpoint held" : "")
                  << std::setw(11) << found.status << std::setw(4) << exitCodeOf(found.status)
                  << (found.findings.empty() ? "" : found.findings[0].what.substr(0, 110)) << "\n";
    }

    // The second verifier exits so for these files as they are now: a log or a proof, a checkpoint
    // and a key. It is asked when the test ends.
    void expectOfPython(const std::string& what, const std::vector<std::filesystem::path>& files,
                        int code) {
        const std::filesystem::path copies = folder / ("case" + std::to_string(m_cases.size()));
        std::filesystem::create_directory(copies);
        Json arguments = Json::array();
        for (const std::filesystem::path& each : files) {
            if (each == proofFile) arguments.push_back("--proof");
            if (each == held) arguments.push_back("--checkpoint");
            if (each == key) arguments.push_back("--pubkey");
            arguments.push_back((copies / each.filename()).string());
            std::error_code absent;
            std::filesystem::copy_file(each, copies / each.filename(), absent);
        }
        std::error_code absent;
        std::filesystem::copy_file(notes(), copies / notes().filename(), absent);
        m_cases.push_back({what, arguments, code});
    }

    void putBack() const {
        writeBytes(file, m_before[0]);
        writeBytes(notes(), m_before[1]);
    }

    std::filesystem::path held = folder / "held.txt";
    std::filesystem::path key = folder / "key.pub";
    std::filesystem::path proofFile = folder / "proof.json";

private:
    struct Case {
        std::string what;
        Json arguments;
        int code;
    };

    void askPython() const {
        std::string lines;
        for (const Case& each : m_cases) lines += each.arguments.dump() + "\n";
        writeBytes(folder / "cases.jsonl", lines);
        const std::string command = kPython + (" '" + (folder / "cases.jsonl").string() + "' 2>&1");
        FILE* pipe = popen(command.c_str(), "r");
        ASSERT_NE(pipe, nullptr);
        std::string said;
        std::vector<int> codes;
        std::array<char, 4096> line{};
        while (std::fgets(line.data(), line.size(), pipe)) {
            said += line.data();
            int code = -1;
            if (std::sscanf(line.data(), "code %d", &code) == 1) codes.push_back(code);
        }
        EXPECT_EQ(pclose(pipe), 0) << said;
        ASSERT_EQ(codes.size(), m_cases.size()) << said;
        for (std::size_t i = 0; i < codes.size(); ++i) {
            EXPECT_EQ(codes[i], m_cases[i].code) << m_cases[i].what << "\n" << said;
        }
    }

    std::vector<std::string> m_before;
    std::vector<Case> m_cases;
};

struct SqlAttack {
    const char *name, *sql;
};

// Every row of these is "tampered", whatever is held.
constexpr std::array<SqlAttack, 21> kSqlAttacks = {{
    {"edit a record",
     "UPDATE record SET rec = CAST(replace(CAST(rec AS TEXT), 'int8', 'int2') AS "
     "BLOB) WHERE seq = 3"},
    {"edit a leaf", "UPDATE record SET leaf = zeroblob(32) WHERE seq = 3"},
    {"edit a derived type", "UPDATE record SET record_type = 'run_failed' WHERE seq = 5"},
    {"edit a derived time", "UPDATE record SET time_utc = '2020' WHERE seq = 5"},
    {"delete a record", "DELETE FROM record WHERE seq = 4"},
    {"delete the genesis record", "DELETE FROM record WHERE seq = 1"},
    {"delete every record", "DELETE FROM record"},
    {"swap two records",
     "UPDATE record SET seq = 1003 WHERE seq = 3; UPDATE record SET seq = 3 "
     "WHERE seq = 4; UPDATE record SET seq = 4 WHERE seq = 1003"},
    {"white space in a record",
     "UPDATE record SET rec = CAST(CAST(rec AS TEXT) || ' ' AS BLOB) "
     "WHERE seq = 3"},
    {"a duplicate key in a record",
     "UPDATE record SET rec = CAST(replace(CAST(rec AS TEXT), '\"seq\":3', "
     "'\"seq\":3,\"seq\":3') AS BLOB) WHERE seq = 3"},
    {"no JSON in a record", "UPDATE record SET rec = x'ff7b' WHERE seq = 3"},
    {"edit a payload", "UPDATE payload SET bytes = x'6162' WHERE name = 'prompt'"},
    {"delete a payload", "DELETE FROM payload WHERE name = 'prompt'"},
    {"add a payload", "INSERT INTO payload VALUES(4, 'extra', zeroblob(32), x'00')"},
    {"a payload of no record", "INSERT INTO payload VALUES(99, 'extra', zeroblob(32), x'00')"},
    {"edit a blob", "UPDATE blob SET bytes = zeroblob(length(bytes))"},
    {"delete a blob", "DELETE FROM blob"},
    {"delete a reference to a blob", "DELETE FROM blob_reference WHERE seq = 4"},
    {"add a blob", "INSERT INTO blob SELECT 7, zeroblob(32), dtype, shape, bytes FROM blob"},
    {"plant a view", "CREATE VIEW records AS SELECT * FROM record WHERE seq < 5"},
    {"change the application id", "PRAGMA application_id=1"},
}};

TEST_F(IndependentVerifier, AgreesOnWhatSqlCanDo) {
    expectBoth("nothing", "ok");
    expectBoth("nothing", "ok", true);
    for (const SqlAttack& each : kSqlAttacks) {
        attackWithoutTriggers(each.sql);
        expectBoth(each.name, "tampered");
        putBack();
    }
    attack("DROP TRIGGER record_update");
    expectBoth("drop a trigger", "tampered");
    putBack();
    attack("PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE type = 'trigger'");
    expectBoth("delete triggers from the schema", "tampered");
    putBack();
    std::string bytes = readBytes(file);
    bytes[bytes.find("\"variant\":\"int8\"") + 14] = '9';
    writeBytes(file, bytes);
    expectBoth("hex-edit a byte", "tampered");
}

TEST_F(IndependentVerifier, AgreesOnTruncationAndRollback) {
    const std::string cut = "DELETE FROM payload WHERE seq > 6; DELETE FROM record WHERE seq > 6";
    attackWithoutTriggers(cut);
    expectBoth("delete the last records", "truncated");
    std::string kept = readBytes(notes());
    kept.resize(kept.find("\n7\n"));
    kept.resize(kept.rfind("\n\n") + 2);
    writeBytes(notes(), kept);
    expectBoth("the same and their checkpoints", "ok");
    expectBoth("the same and their checkpoints", "truncated", true);
    std::filesystem::remove(notes());
    expectBoth("the same and every checkpoint", "unsigned");
    putBack();
    std::filesystem::remove(notes());
    expectBoth("delete the file of checkpoints", "unsigned");
    expectBoth("delete the file of checkpoints", "ok", true);
    putBack();
    const std::array<std::string, 2> yesterday = {readBytes(file), readBytes(notes())};
    AuditLog::openForWriting(file)->startRun("explain", Json::object());
    writeBytes(held, AuditLog::openForReading(file)->newestCheckpoint());
    writeBytes(file, yesterday[0]);
    expectBoth("put back yesterday's file", "truncated");
    writeBytes(notes(), yesterday[1]);
    expectBoth("put back yesterday's file and checkpoints", "ok");
    expectBoth("put back yesterday's file and checkpoints", "truncated", true);
}

TEST_F(IndependentVerifier, AgreesOnForgeriesAndOtherKeys) {
    attack(appendForgedRecord(file, runId));
    expectBoth("append a record without signing it", "unsigned");
    putBack();
    std::string bytes = readBytes(notes());
    bytes[bytes.size() - 12] = bytes[bytes.size() - 12] == 'A' ? 'B' : 'A';
    writeBytes(notes(), bytes);
    expectBoth("forge a signature", "tampered");
    putBack();
    for (const auto& each : {file, notes(), audit::keyFileOf(file)}) std::filesystem::remove(each);
    writeSmallLog(file);
    expectBoth("write another log in its place", "ok");
    expectBoth("write another log in its place", "tampered", true);
}

TEST_F(IndependentVerifier, AgreesOnErasuresRotationsAndTheOrderOfOutcomes) {
    const auto log = AuditLog::openForWriting(file);
    log->rotateKey();
    log->startRun("explain", Json::object());
    expectBoth("rotate the key", "ok", true);
    log->addReportExport({runId, "html", "report.html", std::string(64, 'a')});
    log->addRerun(runId, {{"verdict", "bitwise_equal"}});
    expectBoth("export a report and rerun", "ok", true);
    log->erase(runId, "why");
    expectBoth("erase a run", "erased");
    log->exportTo(folder / "export.jsonl");
    expectBoth("erase a run and export", "erased", true);
    const std::string all = readBytes(notes());
    std::string older = all.substr(0, all.size() - 2);
    older.resize(older.rfind("\n\n", older.rfind("\n\n") - 1) + 2);
    writeBytes(notes(), older);
    expectBoth("erased, and the last record unsigned", "unsigned");
    writeBytes(notes(), all);
    attackWithoutTriggers("DELETE FROM record WHERE seq = (SELECT max(seq) FROM record)");
    expectBoth("erased, and the last record cut off", "truncated");
    attackWithoutTriggers("UPDATE record SET leaf = zeroblob(32) WHERE seq = 3");
    expectBoth("all of these", "tampered");
}

TEST_F(IndependentVerifier, AgreesOnWhatIsNoLog) {
    writeBytes(file, "hello");
    expectBoth("a text in its place", "unreadable");
    std::filesystem::remove(file);
    expectBoth("no file", "unreadable");
    attack("CREATE TABLE t(a)");
    expectBoth("another program's database", "unreadable");
    const std::array<std::pair<const char*, int>, 6> codes = {{{"ok", 0},
                                                               {"tampered", 5},
                                                               {"truncated", 6},
                                                               {"erased", 7},
                                                               {"unsigned", 10},
                                                               {"unreadable", 3}}};
    for (const auto& [status, code] : codes) EXPECT_EQ(exitCodeOf(status), code);
}

class Proof : public IndependentVerifier {
protected:
    std::filesystem::path writeProof(std::int64_t seq) const {
        const auto proof = AuditLog::openForReading(file)->proof(seq);
        EXPECT_TRUE(proof);
        writeBytes(proofFile, proof->dump(1) + "\n");
        return proofFile;
    }

    // Nothing but the proof, the key and the checkpoint goes to the other machine.
    void removeLog() const {
        for (const auto& each : {file, notes(), audit::keyFileOf(file)}) {
            std::filesystem::remove(each);
        }
    }

    std::string statusOf() const {
        try {
            return checkAuditProof(proofFile, byKey).status;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::InputFile) << error.what();
            return "unreadable";
        }
    }

    AuditTrust byKey{.checkpointFile = std::nullopt, .publicKeyFile = key};
    AuditTrust byCheckpoint{.checkpointFile = held, .publicKeyFile = std::nullopt};
};

TEST_F(Proof, ConvincesWithoutTheLogByTheKeyOrAHeldCheckpoint) {
    writeProof(kSecondResult);
    removeLog();
    for (const AuditTrust& trust : {byKey, byCheckpoint}) {
        const AuditProofCheck check = checkAuditProof(proofFile, trust);
        EXPECT_EQ(check.status, "ok") << (check.findings.empty() ? "" : check.findings[0]);
        EXPECT_EQ(check.record, kSecondResult);
        EXPECT_EQ(check.type, "example_result");
        EXPECT_EQ(check.runId, runId);
        EXPECT_EQ(check.size, kSmallLogRecords);
    }
    expectOfPython("proof", {proofFile, key}, 0);
    expectOfPython("proof", {proofFile, held}, 0);
    EXPECT_THROW(checkAuditProof(proofFile, {}), Error);
    expectOfPython("proof", {proofFile}, 5);
}

TEST_F(Proof, ProvesEveryRecordUnderEveryCheckpointThatCoversIt) {
    const auto log = AuditLog::openForReading(file);
    for (const auto& note : audit::parseCheckpoints(readBytes(notes()), "notes")) {
        writeBytes(held, note.note);
        for (std::int64_t seq = 1; seq <= kSmallLogRecords; ++seq) {
            const auto proof = log->proof(seq, held);
            ASSERT_EQ(proof.has_value(), seq <= note.checkpoint.size);
            if (!proof) continue;
            writeBytes(proofFile, proof->dump());
            EXPECT_EQ(checkAuditProof(proofFile, byCheckpoint).status, "ok") << seq;
            EXPECT_EQ(statusOf(), "ok") << seq;
        }
    }
    expectOfPython("proof", {proofFile, held}, 0);
}

TEST_F(Proof, NoFlippedByteOfItPasses) {
    writeProof(kSecondResult);
    const std::string bytes = readBytes(proofFile);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ 1);
        writeBytes(proofFile, flipped);
        EXPECT_NE(statusOf(), "ok") << "byte " << at;
    }
}

TEST_F(Proof, DoesNotConvinceWithAnotherRecordKeyOrCheckpoint) {
    Json proof = parseJson(readBytes(writeProof(kSecondResult)), "proof");
    const auto expectTampered = [&](const AuditTrust& trust) {
        EXPECT_EQ(checkAuditProof(proofFile, trust).status, "tampered");
    };
    const std::string rec = proof["rec"];
    std::string edited = rec;
    proof["rec"] = edited.replace(edited.find("int4"), 4, "int9");
    writeBytes(proofFile, proof.dump());
    expectTampered(byKey);
    expectOfPython("proof", {proofFile, key}, 5);
    proof["rec"] = rec;
    proof["proof"].push_back(std::string(64, '0'));
    writeBytes(proofFile, proof.dump());
    expectTampered(byKey);
    expectOfPython("proof", {proofFile, key}, 5);
    writeProof(kSecondResult);
    writeSmallLog(folder / "other.db");
    writeBytes(key, AuditLog::openForReading(folder / "other.db")->publicKey());
    expectTampered(byKey);
    expectOfPython("proof", {proofFile, key}, 5);
    writeBytes(held, AuditLog::openForReading(folder / "other.db")->newestCheckpoint());
    expectTampered(byCheckpoint);
    expectOfPython("proof", {proofFile, held}, 5);
}

TEST_F(Proof, IsRefusedForWhatNoCheckpointVouchesFor) {
    const auto log = AuditLog::openForReading(file);
    EXPECT_THROW(log->proof(0), Error);
    EXPECT_THROW(log->proof(10), Error);
    std::filesystem::remove(audit::keyFileOf(file));
    AuditLog::openForWriting(file)->startRun("explain", Json::object());
    EXPECT_EQ(log->proof(10), std::nullopt);
    EXPECT_TRUE(log->proof(9));
    attackWithoutTriggers(
        "UPDATE record SET rec = CAST(replace(CAST(rec AS TEXT), 'int8', 'int2') "
        "AS BLOB) WHERE seq = 3");
    EXPECT_THROW(log->proof(9), Error);
    std::filesystem::remove(notes());
    EXPECT_EQ(log->proof(9), std::nullopt);
}

TEST_F(Proof, AnEditedExportDiffersFromItsRecord) {
    const auto log = AuditLog::openForWriting(file);
    log->exportTo(folder / "export.jsonl");
    std::string bytes = readBytes(folder / "export.jsonl");
    const std::string recorded = log->records().back().body["sha256"];
    EXPECT_EQ(toHex(sha256(bytes)), recorded);
    bytes[bytes.find("int8")] = 'x';
    EXPECT_NE(toHex(sha256(bytes)), recorded);
}

}  // namespace
}  // namespace driftlens
