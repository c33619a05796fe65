// The rows of the attack table that only a signature or a checkpoint kept elsewhere shows.
#include "core/base/error.h"
#include "engine/audit/checkpoint.h"
#include "engine/audit/log.h"
#include "engine/audit/merkle.h"
#include "engine/audit/record.h"
#include "engine/audit/sidecar_file.h"
#include "tests/engine/audit/audit_fixture.h"

#include <sqlite3.h>

#include <array>
#include <sys/stat.h>
#include <vector>

namespace driftlens {
namespace {

class CheckpointAttack : public AuditLogFile {
protected:
    CheckpointAttack() { writeBytes(held, newestNote()); }

    std::string newestNote() const {
        return std::string(audit::lastNote(readBytes(audit::checkpointFileOf(file))));
    }

    // The log, its checkpoints and its key, as a backup has them.
    std::array<std::string, 2> copyOfLog() const {
        return {readBytes(file), readBytes(audit::checkpointFileOf(file))};
    }
    void putBack(const std::array<std::string, 2>& copy) const {
        writeBytes(file, copy[0]);
        writeBytes(audit::checkpointFileOf(file), copy[1]);
    }

    void append() const { AuditLog::openForWriting(file)->startRun("explain", Json::object()); }

    void cutRecordsAfter(std::int64_t seq) const {
        const std::string after = " WHERE seq > " + std::to_string(seq);
        attackWithoutTriggers("DELETE FROM payload" + after + "; DELETE FROM record" + after);
    }

    void cutCheckpointsAfter(std::int64_t size) const {
        std::string kept;
        const std::string all = readBytes(audit::checkpointFileOf(file));
        for (const auto& each : audit::parseCheckpoints(all, "checkpoints")) {
            if (each.checkpoint.size <= size) kept += each.note + '\n';
        }
        writeBytes(audit::checkpointFileOf(file), kept);
    }

    void expectStatus(std::string_view status, const AuditTrust& trust = {},
                      std::string_view finding = {}) const {
        const AuditVerification verification = verifyAuditLog(file, trust);
        EXPECT_EQ(verification.status, status) << listed(verification);
        EXPECT_TRUE(anyFinding(verification, finding) || finding.empty()) << listed(verification);
    }

    // Changes a record and all that follows from it; returns the new leaves.
    std::vector<Sha256> rewriteWithTheSameId() const {
        std::string sql;
        std::vector<Sha256> leaves;
        const auto log = AuditLog::openForReading(file);
        for (const AuditRecord& record : log->records()) {
            audit::RecordFields fields = audit::parseRecord(record.canonical);
            if (fields.seq == kSecondResult) fields.body["variant"] = "int2";
            if (!leaves.empty()) fields.prev = leaves.back();
            const std::string rec = audit::canonicalRecord(fields);
            leaves.push_back(audit::leafOf(rec));
            sql += "UPDATE record SET rec = CAST('" + rec + "' AS BLOB), leaf = x'" +
                   toHex(leaves.back()) + "' WHERE seq = " + std::to_string(fields.seq) + ";";
        }
        attackWithoutTriggers(sql);
        return leaves;
    }

    // Writes the log anew with another prompt's record, as somebody who has this program would.
    void rewriteWithOurCode() const {
        std::filesystem::remove(file);
        std::filesystem::remove(audit::checkpointFileOf(file));
        writeSmallLog(file);
    }

    std::filesystem::path held = folder / "held.txt";
    AuditTrust holding{.checkpointFile = held, .publicKeyFile = std::nullopt};
};

TEST_F(CheckpointAttack, ALogIsSignedFromItsFirstRecordOn) {
    const AuditVerification verification = verifyAuditLog(file, holding);
    EXPECT_EQ(verification.status, "ok") << listed(verification);
    ASSERT_TRUE(verification.checkpoint);
    EXPECT_EQ(verification.checkpoint->size, kSmallLogRecords);
    EXPECT_FALSE(verification.checkpoint->key.empty());
    EXPECT_EQ(verification.unsignedRecords, 0);
}

TEST_F(CheckpointAttack, TheKeyIsItsOwnersAlone) {
    struct stat info = {};
    ASSERT_EQ(stat(audit::keyFileOf(file).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    ASSERT_EQ(chmod(audit::keyFileOf(file).c_str(), 0640), 0);
    EXPECT_THROW(AuditLog::openForWriting(file), Error);
}

TEST_F(CheckpointAttack, FindsRecordsCutFromTheEnd) {
    cutRecordsAfter(5);
    expectStatus("truncated", {}, "covers more than the 5");
    expectRefusedForWriting();
}

TEST_F(CheckpointAttack, FindsRecordsAndCheckpointsCutFromTheEndOnlyWithOneHeld) {
    cutRecordsAfter(6);
    cutCheckpointsAfter(6);
    expectStatus("ok");
    EXPECT_NE(verifyAuditLog(file).cannotDetect[1].find("cut from the end"), std::string::npos);
    expectStatus("truncated", holding, "that you hold");
}

TEST_F(CheckpointAttack, FindsAnOlderCopyOfTheLogAlone) {
    const auto before = copyOfLog();
    append();
    writeBytes(file, before[0]);
    expectStatus("truncated");
    expectRefusedForWriting();
}

TEST_F(CheckpointAttack, FindsAnOlderCopyWithItsCheckpointsOnlyWithTodaysHeld) {
    const auto yesterday = copyOfLog();
    append();
    writeBytes(held, newestNote());
    putBack(yesterday);
    expectStatus("ok");
    expectStatus("truncated", holding);
}

TEST_F(CheckpointAttack, FindsAnEarlierHeldCheckpointToBeContinued) {
    append();
    expectStatus("ok", holding);
}

TEST_F(CheckpointAttack, FindsAChainWrittenAnewWithoutTheKey) {
    const std::string checkpoints = readBytes(audit::checkpointFileOf(file));
    std::filesystem::remove(audit::keyFileOf(file));
    rewriteWithOurCode();
    writeBytes(audit::checkpointFileOf(file), checkpoints);
    expectStatus("tampered");
    expectStatus("tampered", holding);
}

TEST_F(CheckpointAttack, FindsAChainWrittenAnewWithAnotherKeyByTheKeyThatIsHeld) {
    const std::filesystem::path publicKey = folder / "log.pub";
    writeBytes(publicKey, AuditLog::openForReading(file)->publicKey() + "\n");
    expectStatus("ok", {.checkpointFile = std::nullopt, .publicKeyFile = publicKey});
    std::filesystem::remove(audit::keyFileOf(file));
    rewriteWithOurCode();
    expectStatus("ok");
    expectStatus("tampered", {.checkpointFile = std::nullopt, .publicKeyFile = publicKey},
                 "not by the key that you gave");
}

TEST_F(CheckpointAttack, FindsAChainWrittenAnewWithTheStolenKeyOnlyWithACheckpointHeld) {
    rewriteWithOurCode();
    expectStatus("ok");
    expectStatus("tampered", holding);
}

TEST_F(CheckpointAttack, AlarmsTheWriterWhenTheCheckpointsWereTakenAway) {
    cutRecordsAfter(6);
    std::filesystem::remove(audit::checkpointFileOf(file));
    expectStatus("unsigned");
    expectRefusedForWriting();
    expectStatus("unsigned");
    // Without the key it goes on, unsigned; it never signs what it cannot vouch for.
    std::filesystem::remove(audit::keyFileOf(file));
    append();
    expectStatus("unsigned");
    expectStatus("truncated", holding);
}

// The attacker recomputes the whole chain, keeps the log's id and has no key, or the stolen one.
TEST_F(CheckpointAttack, FindsASecondLogWithTheSameId) {
    rewriteWithTheSameId();
    expectStatus("tampered", {}, "are not those that the checkpoint");
    expectStatus("tampered", holding);
    std::filesystem::remove(audit::checkpointFileOf(file));
    expectStatus("unsigned");
    expectStatus("tampered", holding);
}

TEST_F(CheckpointAttack, FindsARewrittenLogOfTheSameIdAndKeyOnlyWithACheckpointHeld) {
    const std::vector<Sha256> leaves = rewriteWithTheSameId();
    const auto stolen = audit::SigningKey::load(audit::keyFileOf(file));
    ASSERT_TRUE(stolen);
    std::string notes;
    audit::MerkleTree tree;
    const std::string origin = audit::originOf(AuditLog::openForReading(file)->logId());
    for (const Sha256& leaf : leaves) {
        tree.add(leaf);
        notes += audit::signedNote({origin, tree.size(), tree.root()}, {&*stolen}) + "\n";
    }
    writeBytes(audit::checkpointFileOf(file), notes);
    const AuditVerification alone = verifyAuditLog(file);
    EXPECT_EQ(alone.status, "ok") << listed(alone);
    EXPECT_NE(alone.cannotDetect[0].find("controls the signing key"), std::string::npos);
    expectStatus("tampered", holding, "are not those that the checkpoint");
}

TEST_F(CheckpointAttack, FindsARecordAppendedWithoutASignature) {
    ASSERT_EQ(attack(appendForgedRecord(file, runId)), SQLITE_OK);
    expectStatus("unsigned", {}, "record 10 comes after the last checkpoint");
    // A later writer signs it, and says that it came unsigned.
    append();
    const AuditVerification verification = verifyAuditLog(file);
    EXPECT_EQ(verification.status, "ok") << listed(verification);
    EXPECT_EQ(verification.signedLate, 1);
}

TEST_F(CheckpointAttack, FindsACheckpointOfAnotherLogOrAnotherSigner) {
    const std::filesystem::path other = folder / "other.db";
    writeSmallLog(other);
    writeBytes(held, readBytes(audit::checkpointFileOf(other)));
    expectStatus("tampered", holding, "is one of");
    const auto note = audit::parseCheckpoint(newestNote());
    const auto stranger = audit::SigningKey::random();
    writeBytes(held, audit::signedNote(note.checkpoint, {&stranger}));
    expectStatus("tampered", holding, "is not signed by the log's key");
}

TEST_F(CheckpointAttack, RefusesAHeldFileThatIsNoCheckpoint) {
    for (const std::string& text : {std::string(), std::string("hello\n"), newestNote() + "x"}) {
        writeBytes(held, text);
        EXPECT_THROW(verifyAuditLog(file, holding), Error);
        EXPECT_THROW(verifyAuditLog(file, {.checkpointFile = std::nullopt, .publicKeyFile = held}),
                     Error);
    }
}

// Two of them: older ones are checked in the same way.
TEST_F(CheckpointAttack, NoFlippedByteOfTheCheckpointsPasses) {
    const auto all = audit::parseCheckpoints(readBytes(audit::checkpointFileOf(file)), "notes");
    const std::string bytes = all[all.size() - 2].note + '\n' + all.back().note + '\n';
    writeBytes(audit::checkpointFileOf(file), bytes);
    expectStatus("ok");
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ 1);
        writeBytes(audit::checkpointFileOf(file), flipped);
        EXPECT_NE(verifyAuditLog(file).status, "ok") << "byte " << at;
    }
}

TEST_F(CheckpointAttack, GoesOnAfterACheckpointThatACrashCutShort) {
    const std::string bytes = readBytes(audit::checkpointFileOf(file));
    const std::size_t newest = bytes.size() - newestNote().size() - 1;
    for (std::size_t size = newest; size < bytes.size(); size += 7) {
        writeBytes(audit::checkpointFileOf(file), std::string_view(bytes).substr(0, size));
        expectStatus("unsigned");
        append();
        expectStatus("ok");
        cutRecordsAfter(kSmallLogRecords);
    }
}

TEST_F(CheckpointAttack, DoesNotBeginANewLogWhereOneWasTakenAway) {
    std::filesystem::remove(file);
    expectRefusedForWriting();
}

TEST_F(CheckpointAttack, WritesOnWithoutTheKeyAndSaysThatThisIsUnsigned) {
    std::filesystem::remove(audit::keyFileOf(file));
    append();
    expectStatus("unsigned", {}, "record 10 comes after");
}

TEST_F(CheckpointAttack, RefusesToSignWithAKeyThatIsNotTheLogs) {
    std::filesystem::remove(audit::keyFileOf(file));
    ASSERT_TRUE(audit::SigningKey::random().save(audit::keyFileOf(file)));
    EXPECT_THROW(append(), Error);
}

}  // namespace
}  // namespace driftlens
