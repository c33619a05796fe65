// What an open AuditLog holds, and the checks that reading and writing share.
#pragma once

#include "engine/audit/blob.h"
#include "engine/audit/database.h"
#include "engine/audit/log.h"
#include "engine/audit/record.h"
#include "engine/audit/signer.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace driftlens {

// A blob that no record refers to yet.
struct PendingBlob {
    std::string salt;
    audit::BlobContent content;
};

namespace audit {

// The end of the chain: what the next record links to.
struct ChainHead {
    std::int64_t seq = 0;
    Sha256 leaf{};
};

// A record that has no number yet.
struct NewRecord {
    RecordFields fields;
    std::span<const Payload> payloads = {};
};

}  // namespace audit

struct AuditLog::State {
    audit::Database database;
    std::string name;  // quoted file name, for messages
    bool writable = false;
    std::filesystem::path file = {};
    std::string logId = {};
    std::map<std::string, std::int64_t, std::less<>> startedAt = {};  // run → monotonic ns
    std::map<Sha256, PendingBlob> pending = {};                       // by commitment

    std::unique_ptr<audit::Signer> signer = nullptr;  // none: records stay unsigned

    // Appends a record with its payloads and blobs, fills in number, link, time and log, and
    // returns the number. Throws Error(Internal) if its run is not open.
    using Append = std::function<std::int64_t(const audit::NewRecord&)>;

    // Runs `work` in one transaction that no other writer can come between, then writes the
    // checkpoint of what it appended; or nothing. `committed` runs between the two.
    void write(const std::function<void(const Append&)>& work,
               const std::function<void()>& committed = {});
    void append(std::span<const audit::NewRecord> records);
    void append(audit::RecordFields fields, std::span<const Payload> payloads = {});

    // The same for a record that ends a run; adds how long the run took.
    void end(audit::RecordFields fields, std::span<const Payload> payloads);

    // The record after `head`, inside the caller's transaction; returns the new end.
    audit::ChainHead insert(const audit::NewRecord& record, const audit::ChainHead& head);
};

namespace audit {

// Throws Error(InputFile) unless the header says: a log of this schema version; Error(Tampered) if
// the schema's text differs. `name` is for messages.
void requireLog(Database& database, const std::string& name);

// The log_id of the genesis record.
std::string readLogId(Database& database, const std::string& name);

// The log's keys in the order they came, empty for a log without one. Throws Error(Tampered) if a
// rotation is not signed by the key before it.
std::vector<LogKey> readKeys(Database& database, const std::string& name);

// The key that a record brings in: "public_key" of the genesis record, "new_key" of a rotation,
// whose "signature" is by the key before. Nothing if there is none. Throws Error(InputFile).
std::optional<VerifierKey> keyIn(const RecordFields& fields, const std::vector<LogKey>& before);

// Reads the last record and checks its leaf, its number, its log and its link to the record before.
// Throws Error(Tampered) if one of them is wrong.
ChainHead checkedHead(Database& database, const std::string& name, const std::string& logId);

// The bytes of a record that parseRecord accepts: what verify would refuse is never written. Throws
// Error(Internal) for a body that has no canonical form, Error(Unsupported) if it is too large.
std::string checkedRecord(const RecordFields& fields);

// Returns its leaf.
Sha256 insertRecord(Database& database, const RecordFields& fields, std::string_view rec);

RecordFields fieldsOf(std::string_view type, std::string_view runId);

std::string randomSalt();

}  // namespace audit
}  // namespace driftlens
