// The tables of the log, as they stand in the file. Stored: a change needs a new kSchemaVersion.
#pragma once

#include "core/base/digest.h"
#include "engine/audit/database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace driftlens::audit {

inline constexpr std::int64_t kApplicationId = 0x44724c67;  // "DrLg", in the header of the file
inline constexpr std::int64_t kSchemaVersion = 1;           // user_version in the header

// One row of sqlite_schema.
struct SchemaObject {
    std::string type, name, table, sql;
    auto operator<=>(const SchemaObject&) const = default;
};

// Creates tables, indexes and triggers and sets the two numbers of the header. Within the caller's
// transaction.
void createSchema(Database& database);

// What the file has, sorted; and what a file written by this program has.
std::vector<SchemaObject> schemaOf(Database& database);
const std::vector<SchemaObject>& expectedSchema();

// SHA-256 over "type LF name LF sql LF" of every object in order; the genesis record holds it.
Sha256 schemaDigest(const std::vector<SchemaObject>& schema);

// The differences, each as a sentence; empty if there are none.
std::vector<std::string> schemaDifferences(const std::vector<SchemaObject>& found);

}  // namespace driftlens::audit
