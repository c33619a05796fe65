// The rows of the attack table (reference/audit-and-reports.md, 3.2) that the chain itself shows;
// checkpoint_attack_test.cpp has those that need a signature.
#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/audit/record.h"
#include "engine/audit/schema.h"
#include "tests/engine/audit/audit_fixture.h"

#include <sqlite3.h>

#include <array>
#include <vector>

namespace driftlens {
namespace {

class Attack : public AuditLogFile {
protected:
    // The attack is found, and the first bad record is at or before that one.
    void expectFound(std::string_view finding,
                     std::optional<std::int64_t> record = std::nullopt) const {
        const AuditVerification verification = verifyAuditLog(file);
        EXPECT_EQ(verification.status, "tampered");
        EXPECT_TRUE(anyFinding(verification, finding)) << listed(verification);
        if (record) {
            EXPECT_EQ(verification.firstBadRecord, record) << listed(verification);
        }
    }

    void expectBlocked(std::string_view sql) const {
        EXPECT_EQ(attack(sql) & 0xff, SQLITE_CONSTRAINT) << sql;
        EXPECT_EQ(verifyAuditLog(file).status, "ok");
    }
};

TEST_F(Attack, TriggersBlockUpdateAndDelete) {
    for (const char* table : {"record", "payload", "blob_reference"}) {
        expectBlocked("UPDATE " + std::string(table) + " SET seq = seq");
        expectBlocked("DELETE FROM " + std::string(table));
    }
    expectBlocked("UPDATE blob SET dtype = dtype");
    expectBlocked("DELETE FROM blob");
}

TEST_F(Attack, TriggersBlockReplaceAndInsertOutOfOrder) {
    expectBlocked(
        "INSERT OR REPLACE INTO record SELECT 3, record_type, run_id, time_utc, leaf, rec "
        "FROM record WHERE seq = 4");
    expectBlocked(
        "INSERT INTO record SELECT 99, record_type, run_id, time_utc, leaf, rec "
        "FROM record WHERE seq = 4");
    expectBlocked("UPDATE OR REPLACE record SET seq = 3 WHERE seq = 4");
    expectBlocked(
        "INSERT INTO record SELECT * FROM record WHERE seq = 3 "
        "ON CONFLICT DO UPDATE SET rec = excluded.rec");
    expectBlocked("INSERT OR REPLACE INTO payload SELECT seq, name, salt, x'00' FROM payload");
    expectBlocked("INSERT OR REPLACE INTO blob SELECT id, digest, dtype, shape, x'00' FROM blob");
    expectBlocked("INSERT OR REPLACE INTO blob SELECT 9, digest, dtype, shape, x'00' FROM blob");
    expectBlocked(
        "INSERT OR REPLACE INTO blob_reference SELECT commitment, seq, zeroblob(32), digest "
        "FROM blob_reference");
}

TEST_F(Attack, FindsDroppedTriggers) {
    ASSERT_EQ(attack("DROP TRIGGER record_update"), SQLITE_OK);
    expectFound("trigger \"record_update\" of the schema is missing");
    expectRefusedForWriting();
    EXPECT_THROW(AuditLog::openForReading(file), Error);
}

TEST_F(Attack, FindsTriggersRemovedThroughTheSchemaTable) {
    ASSERT_EQ(attack("PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE type = 'trigger'"),
              SQLITE_OK);
    expectFound("trigger \"payload_delete\" of the schema is missing");
}

TEST_F(Attack, FindsAChangedRecord) {
    attackWithoutTriggers(
        "UPDATE record SET rec = CAST(replace(CAST(rec AS TEXT), 'int8', 'int2') AS BLOB) "
        "WHERE seq = 3");
    expectFound("record 3 do not hash to its leaf", 3);
    expectFound("record 4 does not link");
}

TEST_F(Attack, FindsAChangedRecordWhoseLeafWasRecomputed) {
    const auto log = AuditLog::openForReading(file);
    std::string rec = log->records()[2].canonical;
    rec.replace(rec.find("int8"), 4, "int2");
    attackWithoutTriggers("UPDATE record SET rec = CAST('" + rec + "' AS BLOB), leaf = x'" +
                          toHex(audit::leafOf(rec)) + "' WHERE seq = 3");
    expectFound("record 4 does not link", 3);
}

TEST_F(Attack, FindsAnEditedByteInTheFile) {
    std::string bytes = readBytes(file);
    const std::size_t at = bytes.find("\"variant\":\"int8\"");
    ASSERT_NE(at, std::string::npos);
    bytes[at + 14] = '9';
    writeBytes(file, bytes);
    expectFound("do not hash to its leaf", kFirstResult);
}

TEST_F(Attack, FindsADeletedRow) {
    attackWithoutTriggers("DELETE FROM record WHERE seq = 4");
    expectFound("record 4 is missing");
    expectFound("record 5 does not link", 4);
}

TEST_F(Attack, FindsADeletedRowWhenTheOthersMoveUp) {
    attackWithoutTriggers(
        "DELETE FROM record WHERE seq = 4; UPDATE record SET seq = seq - 1 WHERE seq > 4;"
        "DELETE FROM blob_reference WHERE seq = 4");
    expectFound("record 5 stands at place 4");
}

TEST_F(Attack, FindsADeletedGenesis) {
    attackWithoutTriggers("DELETE FROM record WHERE seq = 1");
    expectFound("record 1 is missing", 1);
    expectRefusedForWriting();
}

TEST_F(Attack, FindsSwappedRecords) {
    attackWithoutTriggers(
        "UPDATE record SET seq = 1003 WHERE seq = 3; UPDATE record SET seq = 3 WHERE seq = 4;"
        "UPDATE record SET seq = 4 WHERE seq = 1003");
    expectFound("record 4 stands at place 3");
}

TEST_F(Attack, FindsAnInsertedRecord) {
    attackWithoutTriggers(
        "UPDATE record SET seq = seq + 1000 WHERE seq >= 4;"
        "UPDATE record SET seq = seq - 999 WHERE seq >= 1004;"
        "INSERT INTO record SELECT 4, record_type, run_id, time_utc, leaf, rec FROM record "
        "WHERE seq = 3");
    expectFound("record 3 stands at place 4");
}

TEST_F(Attack, FindsARecordOfAnotherLog) {
    const std::filesystem::path other = folder / "other.db";
    writeSmallLog(other);
    attackWithoutTriggers("ATTACH '" + other.string() +
                          "' AS other; INSERT OR REPLACE INTO main.record SELECT * FROM "
                          "other.record WHERE seq = 4");
    expectFound("belongs to another log");
}

TEST_F(Attack, FindsAnEditedDerivedColumn) {
    for (const char* column : {"record_type", "run_id", "time_utc"}) {
        const std::string name = column;
        attackWithoutTriggers("UPDATE record SET " + name + " = " + name + " || 'x' WHERE seq = 3");
        expectFound("column " + name + " of record 3", 3);
    }
}

TEST_F(Attack, FindsAnEditedLeafColumn) {
    attackWithoutTriggers("UPDATE record SET leaf = zeroblob(32) WHERE seq = 3");
    expectFound("do not hash to its leaf", 3);
}

TEST_F(Attack, FindsAChangedBlob) {
    attackWithoutTriggers("UPDATE blob SET bytes = zeroblob(length(bytes))");
    expectFound("the bytes of a blob were changed", 3);
    attackWithoutTriggers("DELETE FROM blob");
    expectFound("the blob of a reference of record 3 is missing", 3);
}

TEST_F(Attack, FindsSwappedBlobs) {
    const auto log = AuditLog::openForWriting(file);
    const std::array<double, 6> values = {1, 2, 3, 4, 5, 6};
    const std::array<std::int64_t, 2> shape = {2, 3};
    const Sha256 reference = log->addBlob(values, shape).digest;
    log->startRun("explain", Json{{"scores", blobJson({reference, "float64", {2, 3}})}});
    attackWithoutTriggers(
        "UPDATE blob_reference SET digest = (SELECT digest FROM blob WHERE id = 1) "
        "WHERE seq = 10");
    expectFound("of record 10 was exchanged", 10);
    EXPECT_THROW(log->blob(reference), Error);
}

TEST_F(Attack, FindsBlobsThatWereAddedOrTakenAway) {
    attackWithoutTriggers("INSERT INTO blob SELECT 7, zeroblob(32), dtype, shape, bytes FROM blob");
    expectFound("a blob is there that no record refers to");
    attackWithoutTriggers("DELETE FROM blob_reference WHERE seq = 4");
    expectFound("of record 4 is missing", 4);
}

TEST_F(Attack, FindsAChangedPayload) {
    const auto log = AuditLog::openForReading(file);
    attackWithoutTriggers("UPDATE payload SET bytes = x'6162' WHERE name = 'prompt'");
    expectFound("payload \"prompt\" of record 2 was changed", 2);
    EXPECT_THROW(log->payload(runId, "prompt"), Error);
}

TEST_F(Attack, FindsPayloadsThatWereAddedOrTakenAway) {
    attackWithoutTriggers("DELETE FROM payload WHERE name = 'token_ids'");
    expectFound("payload \"token_ids\" of record 2 is missing", 2);
    attackWithoutTriggers("INSERT INTO payload VALUES(4, 'extra', zeroblob(32), x'00')");
    expectFound("payload \"extra\" of record 4 is none");
    attackWithoutTriggers("INSERT INTO payload VALUES(99, 'extra', zeroblob(32), x'00')");
    expectFound("belongs to record 99, which is not there");
}

TEST_F(Attack, FindsChangedNumbersInTheHeader) {
    ASSERT_EQ(attack("PRAGMA application_id=1"), SQLITE_OK);
    expectFound("application id is 1");
    ASSERT_EQ(attack("PRAGMA user_version=7"), SQLITE_OK);
    expectFound("user_version is 7");
}

TEST_F(Attack, FindsPlantedObjects) {
    ASSERT_EQ(attack("CREATE VIEW records AS SELECT * FROM record WHERE seq < 5"), SQLITE_OK);
    expectFound("a view \"records\" was added to the schema");
    expectRefusedForWriting();
    ASSERT_EQ(attack("CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM payload; END"),
              SQLITE_OK);
    expectFound("a trigger \"t\" was added to the schema");
}

TEST_F(Attack, FindsAViewInPlaceOfTheTable) {
    ASSERT_EQ(attack("ALTER TABLE record RENAME TO hidden; CREATE VIEW record AS SELECT * FROM "
                     "hidden WHERE seq < 5"),
              SQLITE_OK);
    expectFound("table \"record\" of the schema is missing");
}

TEST_F(Attack, FindsAWriteAheadLog) {
    ASSERT_EQ(attack("PRAGMA journal_mode=WAL"), SQLITE_OK);
    expectFound("write-ahead log");
}

TEST_F(Attack, FindsRecordsOfARunThatIsNotOpen) {
    const auto log = AuditLog::openForReading(file);
    audit::RecordFields forged = audit::parseRecord(log->records().back().canonical);
    ++forged.seq;
    forged.prev = log->head();
    const std::string rec = audit::canonicalRecord(forged);
    attackWithoutTriggers("INSERT INTO record VALUES(10, '" + forged.type + "', '" + forged.runId +
                          "', '" + forged.time + "', x'" + toHex(audit::leafOf(rec)) + "', CAST('" +
                          rec + "' AS BLOB))");
    expectFound("which is not open", 10);
}

TEST_F(Attack, DoesNotContinueAChainWithABrokenEnd) {
    attackWithoutTriggers("UPDATE record SET leaf = zeroblob(32) WHERE seq = 9");
    expectRefusedForWriting();
}

TEST_F(Attack, ErasureIsPossibleOnlyAfterItsRecord) {
    expectBlocked("DELETE FROM payload WHERE name = 'prompt'");
    ASSERT_EQ(attack("INSERT INTO record SELECT 10, 'erased', run_id, time_utc, leaf, rec FROM "
                     "record WHERE seq = 2; DELETE FROM payload WHERE seq IN (2, 3, 4);"
                     "DELETE FROM blob_reference WHERE seq IN (3, 4); DELETE FROM blob"),
              SQLITE_OK);
    EXPECT_EQ(attack("DELETE FROM payload") & 0xff, SQLITE_CONSTRAINT);
}

}  // namespace
}  // namespace driftlens
