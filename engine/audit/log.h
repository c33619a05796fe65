// The tamper-evident log of runs: one SQLite file, a hash chain over canonical record bytes.
// Follows reference/audit-and-reports.md, sections 1 and 3. No LibTorch.
#pragma once

#include "core/base/digest.h"
#include "core/base/json.h"
#include "engine/audit/verify.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// What stands in a record beside its body; names are stored: append only.
// "genesis", "run_started", "example_result", "run_finished", "run_failed", "run_cancelled".
struct AuditRecord {
    std::int64_t seq = 0;  // 1..n, gapless; 1 is the genesis record
    std::string type;
    std::string runId;      // empty for the genesis record
    std::string timeUtc;    // RFC 3339 with nanoseconds
    Json meta;              // what the log added: verb, actor and clock; duration_ns
    Json body;              // what the writer put in, as canonical JSON holds it
    Sha256 leaf{};          // SHA-256(0x00 ‖ rec)
    std::string canonical;  // the exact bytes that were hashed
};

// A text or other payload that rebuilds the input; held apart, so that it can be erased. The record
// carries only its commitment SHA-256(salt ‖ bytes).
struct Payload {
    std::string name;  // "prompt", "token_ids", …
    std::string bytes;
};

// A large result (attribution vector), as records name it. The bytes are stored once under their
// own digest; each reference has a random salt, so that a record does not reveal guessable content.
struct BlobReference {
    Sha256 digest{};  // SHA-256(salt ‖ SHA-256("dtype|shape|" ‖ little-endian bytes))
    std::string dtype;
    std::vector<std::int64_t> shape;
};

// One of many results that are added together.
struct AuditResult {
    Json body;
    std::vector<Payload> payloads = {};
};

struct RunSummary {
    std::string runId;
    std::string verb;
    std::string startedUtc;
    std::string status;  // "finished", "failed", "cancelled", "unmatched" (started, no end)
    std::int64_t firstSeq = 0;
    std::int64_t records = 0;
};

// One open log: one SQLite connection, which belongs to one thread at a time. It may be handed to
// another thread between calls, never used from two at once; every thread that needs the log opens
// its own. Readers read while another process writes. A lock is held only during a call: two
// writers take turns, and one that waits longer than 5 s fails with Error(Io). Every append is one
// committed, synchronised transaction: it is whole on the disk when the call returns.
class AuditLog {
public:
    // Opens for writing, creating the file and its genesis record if there is none. Checks the
    // schema and the chain's last link. Throws Error(Io) if it cannot be written, Error(InputFile)
    // if the file is not a Driftlens log or of another schema version, Error(Tampered) if the check
    // fails; the file is unchanged then.
    static std::unique_ptr<AuditLog> openForWriting(const std::filesystem::path& file);

    // Opens read-only; checks the schema. Throws Error(InputFile) if missing or not a Driftlens
    // log, Error(Tampered) if its schema was changed.
    static std::unique_ptr<AuditLog> openForReading(const std::filesystem::path& file);

    ~AuditLog();
    AuditLog(const AuditLog&) = delete;
    AuditLog& operator=(const AuditLog&) = delete;

    // Writes run_started before anything is computed and returns the new run id. `body` must be
    // canonicalisable (floats as strings, see canonicalJson). Payloads are salted and committed to
    // in the record under "commitments"; their names differ within one record.
    std::string startRun(std::string_view verb, const Json& body,
                         std::span<const Payload> payloads = {});

    // Adds a result of a run that has not ended. Error(Internal) if there is no such run.
    void addResult(std::string_view runId, const Json& body,
                   std::span<const Payload> payloads = {});

    // Many results in one synchronised transaction: all of them, or none.
    void addResults(std::string_view runId, std::span<const AuditResult> results);

    // Takes a vector (float64, row-major) as a blob; the reference goes into a record's body by
    // blobJson(). The bytes are written in the transaction of the first record that refers to it,
    // and later records of the same run may refer to it again.
    BlobReference addBlob(std::span<const double> values, std::span<const std::int64_t> shape);

    void finishRun(std::string_view runId, const Json& body);
    // The message may quote the input, so it is kept as the payload "error_message".
    void failRun(std::string_view runId, std::string_view errorKind, std::string_view message);
    void cancelRun(std::string_view runId);

    std::vector<RunSummary> runs() const;
    std::vector<AuditRecord> records(std::string_view runId = {}) const;  // all if empty

    // A payload by record, or of the first record of the run that has one of that name. Checked
    // against its commitment: Error(Tampered) if it differs.
    std::optional<std::string> payload(std::int64_t seq, std::string_view name) const;
    std::optional<std::string> payload(std::string_view runId, std::string_view name) const;

    // A vector by the digest of a BlobReference. Error(InputFile) if there is none, Error(Tampered)
    // if the bytes do not hash to it.
    std::vector<double> blob(const Sha256& digest) const;

    std::string logId() const;
    std::int64_t recordCount() const;
    Sha256 head() const;  // leaf of the last record

    // The key that signs now, as NAME+ID+KEY; empty for a log without one.
    std::string publicKey() const;

    // The last signed note beside the log, for keeping elsewhere; empty if there is none.
    std::string newestCheckpoint() const;

private:
    struct State;
    explicit AuditLog(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

// {"blob_commitment": hex, "dtype", "shape"}: a blob inside a record's body.
Json blobJson(const BlobReference& blob);

}  // namespace driftlens
