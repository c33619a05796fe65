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

// A record as it was read; audit/record.h has the types of records.
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
    std::vector<std::string> models;  // PATH[@SCHEME] as given, the reference first
    std::int64_t firstSeq = 0;
    std::int64_t records = 0;
};

// What audit export wrote.
struct ExportSummary {
    std::int64_t record = 0;   // "exported", which names the file
    std::int64_t records = 0;  // in the file
    std::int64_t payloads = 0;
    std::int64_t blobs = 0;  // references to blobs
    std::string file;        // absolute
    std::string sha256;      // hex, of the file
};

// A report of one run that leaves the log: what was written, and where.
struct ReportExport {
    std::string runId;
    std::string format;  // "html", "json"
    std::string file;    // absolute, or what stands for standard output
    std::string sha256;  // hex, of what was written
};

// An export made while something was in the log that has been erased since.
struct EarlierExport {
    std::int64_t record = 0;
    std::string file, sha256;
};

struct Erasure {
    std::int64_t record = 0;  // "erased", or "retention"; 0 if nothing was left to erase
    std::int64_t runs = 0;
    std::int64_t payloads = 0;
    std::int64_t blobs = 0;              // references to blobs
    std::vector<EarlierExport> exports;  // hold what was erased, out of reach
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

    // Whether another program holds the file so that nothing of it can be read now. Does not wait.
    static bool isHeld(const std::filesystem::path& file);

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

    // Deletes what rebuilds the input and output of a run, payloads and blobs, and puts that on
    // record with the reason (1 to 1000 bytes, kept for ever: it must not repeat what is erased).
    // The file is rewritten, so that the bytes are in no page of it. Again for the same run it
    // erases what came since, and rewrites the file. Throws Error(Usage) for a bad reason or an
    // unknown run. If the disk is too full for a second copy, throws Error(Io): then the erasure is
    // on record, but parts may be left in free pages until it succeeds.
    Erasure erase(std::string_view runId, std::string_view reason);

    // The same for every run whose last record (reruns aside) is older than so many days (0 to
    // 36500), by the
    // clock of the machine that wrote it; puts the policy on record even where it meets no run.
    Erasure eraseOlderThan(std::int64_t days, std::string_view reason);

    // Writes every record, with the payloads and blobs that are not erased, as lines of JSON
    // (FORMAT.md) to a new file for its owner alone, and puts that on record. Other writers wait.
    // Throws Error(Usage) if there is a file of that name, Error(Tampered) for what does not hash
    // to its record, Error(Io).
    ExportSummary exportTo(const std::filesystem::path& file);

    // Puts a report on record, with the run's records and the checkpoint that it can be held
    // against; returns the record. To be called before the report is written, so that none is
    // without its record. Throws Error(Usage) for an unknown run.
    std::int64_t addReportExport(const ReportExport& report);

    // An Ed25519 signature by the key that signs now, of a DSSE envelope's encoding ("DSSEv1 …")
    // and of nothing else: no such bytes are a checkpoint, or hand over a key. Throws
    // Error(Unsupported) if this log is written without a key.
    std::string signEnvelope(std::string_view encoding) const;

    // Puts on record what computing a run again gave; returns the record. `runId` is a finished run
    // of this log, or empty for one of another log, which `body` names then. Throws Error(Internal)
    // for any other.
    std::int64_t addRerun(std::string_view runId, const Json& body);

    // Puts on record that an authority (RFC 3161) has stamped the bytes of a checkpoint of this
    // log. `note` is one signed note, `token` a response or token in DER. With
    // a PEM file of certificates the authority's signature is checked against them. Throws
    // Error(InputFile) for a note of another log or records, a token of something else, or one
    // that those certificates do not vouch for.
    AuditTimestamp addTimestamp(std::string_view note, std::string_view token,
                                const std::optional<std::filesystem::path>& certificates = {});

    // Replaces the signing key by a new one, signed by the old; returns the new public key. Throws
    // Error(Unsupported) if this log is written without a key, Error(Io).
    std::string rotateKey();

    // The inclusion proof of one record against the newest checkpoint beside the log, or the last
    // one in a held file, that covers it (FORMAT.md). Nothing if none does. Throws Error(Usage) if
    // there is no such record, Error(Tampered) if the records are not those of the checkpoint,
    // Error(InputFile) for a held file that is no checkpoint of this log.
    std::optional<Json> proof(std::int64_t seq,
                              const std::optional<std::filesystem::path>& held = {}) const;

    std::vector<RunSummary> runs() const;
    std::vector<AuditRecord> records(std::string_view runId = {}) const;  // all if empty

    // A part of a run's records: at most so many after that one.
    std::vector<AuditRecord> records(std::string_view runId, std::int64_t after,
                                     std::int64_t most) const;

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

// The digest that blobJson() wrote. Throws Error(Tampered) for anything else.
Sha256 blobDigestIn(const Json& reference, std::string_view where);

}  // namespace driftlens
