// The tamper-evident log of runs: one SQLite file, a hash chain over canonical record bytes.
// Follows reference/audit-and-reports.md, sections 1 and 3. No LibTorch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/json.h"

namespace driftlens {

// What stands in a record beside its body; names are stored: append only.
// "genesis", "run_started", "example_result", "run_finished", "run_failed", "run_cancelled".
struct AuditRecord {
    std::int64_t seq = 0;  // 1..n, gapless; 1 is the genesis record
    std::string type;
    std::string runId;     // empty for the genesis record
    std::string timeUtc;   // RFC 3339 with nanoseconds
    Json body;             // what the writer put in, as canonical JSON holds it
    Sha256 leaf{};         // SHA-256(0x00 ‖ rec)
    std::string canonical; // the exact bytes that were hashed
};

// A text or other payload that rebuilds the input; held apart, so that it can be erased. The record
// carries only its commitment SHA-256(salt ‖ bytes).
struct Payload {
    std::string name;  // "prompt", "token_ids", …
    std::string bytes;
};

// A large result (attribution vector): stored once under its digest.
struct BlobReference {
    Sha256 digest{};  // SHA-256 over "dtype|shape|" followed by the little-endian bytes
    std::string dtype;
    std::vector<std::int64_t> shape;
};

struct RunSummary {
    std::string runId;
    std::string verb;
    std::string startedUtc;
    std::string status;  // "finished", "failed", "cancelled", "unmatched" (started, no end)
    std::int64_t firstSeq = 0;
    std::int64_t records = 0;
};

// One open log. Used from one thread; one writer per file (a second one waits for the busy timeout,
// then fails with Error(Io)). Every append is a committed, synchronised transaction.
class AuditLog {
public:
    // Opens for writing, creating the file and its genesis record if there is none. Checks the
    // chain's last link. Throws Error(Io) if it cannot be written, Error(InputFile) if the file is
    // not a Driftlens log or of another schema version.
    static std::unique_ptr<AuditLog> openForWriting(const std::filesystem::path& file);

    // Opens read-only. Throws Error(InputFile) if missing or not a Driftlens log.
    static std::unique_ptr<AuditLog> openForReading(const std::filesystem::path& file);

    ~AuditLog();
    AuditLog(const AuditLog&) = delete;
    AuditLog& operator=(const AuditLog&) = delete;

    // Writes run_started before anything is computed and returns the new run id. `body` must be
    // canonicalisable (floats as strings, see canonicalJson). Payloads are salted and committed to
    // in the record under "commitments".
    std::string startRun(std::string_view verb, const Json& body,
                         std::span<const Payload> payloads = {});

    // Adds a result of a run.
    void addResult(std::string_view runId, const Json& body, std::span<const Payload> payloads = {});

    // Stores a vector as a content-addressed blob; the reference goes into a record's body by
    // blobJson(). float64, row-major.
    BlobReference addBlob(std::span<const double> values, std::span<const std::int64_t> shape);

    void finishRun(std::string_view runId, const Json& body);
    void failRun(std::string_view runId, std::string_view errorKind, std::string_view message);
    void cancelRun(std::string_view runId);

    std::vector<RunSummary> runs() const;
    std::vector<AuditRecord> records(std::string_view runId = {}) const;  // all if empty
    std::optional<std::string> payload(std::string_view runId, std::string_view name) const;
    std::vector<double> blob(const Sha256& digest) const;

    std::string logId() const;
    std::int64_t recordCount() const;
    Sha256 head() const;  // leaf of the last record: to be kept outside the log

private:
    struct State;
    explicit AuditLog(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

Json blobJson(const BlobReference& blob);

struct AuditFinding {
    std::optional<std::int64_t> record;  // seq, where one record is meant
    std::string what;
};

struct AuditVerification {
    std::string status;  // "ok", "tampered", "unreadable"
    std::int64_t records = 0;
    std::optional<std::int64_t> firstBadRecord;
    std::vector<AuditFinding> findings;
    std::int64_t unmatchedStarts = 0;
    std::string head;                          // hex leaf of the last record
    std::vector<std::string> cannotDetect;     // printed as plainly as the result
};

// Recomputes everything: leaves, chain, sequence, derived columns, blobs, commitments, schema text,
// application id. Never throws for what a hostile file contains; a file that cannot be read at all
// gives "unreadable".
AuditVerification verifyAuditLog(const std::filesystem::path& file);

}  // namespace driftlens
