#include "engine/audit/schema.h"

#include "core/base/text.h"

#include <algorithm>

namespace driftlens::audit {
namespace {

// `rec` holds the bytes that are hashed; the other columns of `record` are an index derived from
// them. A payload can be deleted once its run has an "erased" record, and a blob once nothing
// refers to it. The triggers keep honest programs honest (REPLACE passes by DELETE triggers, hence
// the guards on INSERT); whoever drops them is caught by the schema's digest and by the chain.
constexpr const char* kSchemaSql = R"sql(
CREATE TABLE record(
    seq INTEGER PRIMARY KEY CHECK(seq >= 1),
    record_type TEXT NOT NULL,
    run_id TEXT NOT NULL,
    time_utc TEXT NOT NULL,
    leaf BLOB NOT NULL CHECK(length(leaf) = 32),
    rec BLOB NOT NULL
) STRICT;
CREATE INDEX record_by_run ON record(run_id, record_type);
CREATE TABLE payload(
    seq INTEGER NOT NULL REFERENCES record(seq),
    name TEXT NOT NULL,
    salt BLOB NOT NULL CHECK(length(salt) = 32),
    bytes BLOB NOT NULL,
    PRIMARY KEY(seq, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE blob(
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE CHECK(length(digest) = 32),
    dtype TEXT NOT NULL,
    shape TEXT NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE TABLE blob_reference(
    commitment BLOB NOT NULL CHECK(length(commitment) = 32),
    seq INTEGER NOT NULL REFERENCES record(seq),
    salt BLOB NOT NULL CHECK(length(salt) = 32),
    digest BLOB NOT NULL REFERENCES blob(digest),
    PRIMARY KEY(commitment, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_reference_by_seq ON blob_reference(seq);
CREATE INDEX blob_reference_by_digest ON blob_reference(digest);
CREATE TRIGGER record_insert BEFORE INSERT ON record
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM record)
BEGIN SELECT RAISE(ABORT, 'records are only appended'); END;
CREATE TRIGGER record_update BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER record_delete BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER payload_insert BEFORE INSERT ON payload
WHEN EXISTS (SELECT 1 FROM payload WHERE seq = NEW.seq AND name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'payloads are never replaced'); END;
CREATE TRIGGER payload_update BEFORE UPDATE ON payload
BEGIN SELECT RAISE(ABORT, 'payloads are never changed'); END;
CREATE TRIGGER payload_delete BEFORE DELETE ON payload
WHEN NOT EXISTS (SELECT 1 FROM record WHERE record_type = 'erased'
    AND run_id = (SELECT run_id FROM record WHERE seq = OLD.seq))
BEGIN SELECT RAISE(ABORT, 'payloads are deleted only by erasure'); END;
CREATE TRIGGER blob_insert BEFORE INSERT ON blob
WHEN EXISTS (SELECT 1 FROM blob WHERE id = NEW.id OR digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'blobs are never replaced'); END;
CREATE TRIGGER blob_update BEFORE UPDATE ON blob
BEGIN SELECT RAISE(ABORT, 'blobs are never changed'); END;
CREATE TRIGGER blob_delete BEFORE DELETE ON blob
WHEN EXISTS (SELECT 1 FROM blob_reference WHERE digest = OLD.digest)
BEGIN SELECT RAISE(ABORT, 'a record refers to this blob'); END;
CREATE TRIGGER blob_reference_insert BEFORE INSERT ON blob_reference
WHEN EXISTS (SELECT 1 FROM blob_reference WHERE commitment = NEW.commitment AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'blob references are never replaced'); END;
CREATE TRIGGER blob_reference_update BEFORE UPDATE ON blob_reference
BEGIN SELECT RAISE(ABORT, 'blob references are never changed'); END;
CREATE TRIGGER blob_reference_delete BEFORE DELETE ON blob_reference
WHEN NOT EXISTS (SELECT 1 FROM record WHERE record_type = 'erased'
    AND run_id = (SELECT run_id FROM record WHERE seq = OLD.seq))
BEGIN SELECT RAISE(ABORT, 'blob references are deleted only by erasure'); END;
)sql";

bool sameObject(const SchemaObject& a, const SchemaObject& b) {
    return a.type == b.type && a.name == b.name;
}

const SchemaObject* findIn(const std::vector<SchemaObject>& schema, const SchemaObject& object) {
    const auto found = std::find_if(schema.begin(), schema.end(), [&](const SchemaObject& other) {
        return sameObject(object, other);
    });
    return found == schema.end() ? nullptr : &*found;
}

std::string described(const SchemaObject& object) {
    return object.type + " " + inQuotes(object.name);
}

std::vector<SchemaObject> freshSchema() {
    Database database = Database::inMemory();
    createSchema(database);
    return schemaOf(database);
}

}  // namespace

void createSchema(Database& database) {
    database.execute(kSchemaSql);
    database.execute(("PRAGMA application_id=" + std::to_string(kApplicationId)).c_str());
    database.execute(("PRAGMA user_version=" + std::to_string(kSchemaVersion)).c_str());
}

std::vector<SchemaObject> schemaOf(Database& database) {
    std::vector<SchemaObject> schema;
    Statement rows(database, "SELECT type, name, tbl_name, sql FROM sqlite_schema");
    while (rows.step()) {
        schema.push_back({std::string(rows.text(0)), std::string(rows.text(1)),
                          std::string(rows.text(2)), std::string(rows.text(3))});
    }
    std::sort(schema.begin(), schema.end());
    return schema;
}

const std::vector<SchemaObject>& expectedSchema() {
    static const std::vector<SchemaObject> schema = freshSchema();
    return schema;
}

Sha256 schemaDigest(const std::vector<SchemaObject>& schema) {
    std::string text;
    for (const SchemaObject& object : schema) {
        text += object.type + '\n' + object.name + '\n' + object.sql + '\n';
    }
    return sha256(text);
}

std::vector<std::string> schemaDifferences(const std::vector<SchemaObject>& found) {
    std::vector<std::string> differences;
    for (const SchemaObject& expected : expectedSchema()) {
        const SchemaObject* object = findIn(found, expected);
        if (!object) {
            differences.push_back("the " + described(expected) + " of the schema is missing");
        } else if (*object != expected) {
            differences.push_back("the " + described(expected) + " of the schema was changed");
        }
    }
    for (const SchemaObject& object : found) {
        if (!findIn(expectedSchema(), object)) {
            differences.push_back("a " + described(object) + " was added to the schema");
        }
    }
    if (differences.empty() && found != expectedSchema()) {
        differences.push_back("an object of the schema stands in it twice");
    }
    return differences;
}

}  // namespace driftlens::audit
