// What an open AuditLog holds, and the checks that reading and writing share.
#pragma once

#include "engine/audit/blob.h"
#include "engine/audit/database.h"
#include "engine/audit/log.h"
#include "engine/audit/record.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>

namespace driftlens {

// A blob that no record refers to yet.
struct PendingBlob {
    std::string salt;
    audit::BlobContent content;
};

struct AuditLog::State {
    audit::Database database;
    std::string name;  // quoted file name, for messages
    bool writable = false;
    std::string logId = {};
    std::map<std::string, std::int64_t, std::less<>> startedAt = {};  // run → monotonic ns
    std::map<Sha256, PendingBlob> pending = {};                       // by commitment

    // Appends one record with its payloads and blobs, or nothing. Fills in number, link, time and
    // log. Throws Error(Internal) if the run is not open.
    void append(audit::RecordFields fields, std::span<const Payload> payloads);

    // The same for a record that ends a run; adds how long the run took.
    void end(audit::RecordFields fields, std::span<const Payload> payloads);
};

namespace audit {

// The end of the chain: what the next record links to.
struct ChainHead {
    std::int64_t seq = 0;
    Sha256 leaf{};
};

// Throws Error(InputFile) unless the header says: a log of this schema version; Error(Tampered) if
// the schema's text differs. `name` is for messages.
void requireLog(Database& database, const std::string& name);

// The log_id of the genesis record.
std::string readLogId(Database& database, const std::string& name);

// Reads the last record and checks its leaf, its number, its log and its link to the record before.
// Throws Error(Tampered) if one of them is wrong.
ChainHead checkedHead(Database& database, const std::string& name, const std::string& logId);

// The bytes of a record that parseRecord accepts: what verify would refuse is never written. Throws
// Error(Internal) for a body that has no canonical form, Error(Unsupported) if it is too large.
std::string checkedRecord(const RecordFields& fields);

void insertRecord(Database& database, const RecordFields& fields, std::string_view rec);

std::string randomSalt();

}  // namespace audit
}  // namespace driftlens
