// Checking a log that somebody else may have written, changed or cut.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// What an auditor brings along and trusts more than what stands beside the log.
struct AuditTrust {
    std::optional<std::filesystem::path> checkpointFile;  // signed notes that were kept elsewhere
    std::optional<std::filesystem::path> publicKeyFile;   // NAME+ID+KEY, as `audit key` prints it
    std::optional<std::filesystem::path> certificateFile = {};  // PEM, of timestamping authorities
};

struct AuditFinding {
    std::optional<std::int64_t> record;  // seq, where one record is meant
    std::string what;
};

// The newest checkpoint that the records were compared with, whatever the comparison gave.
struct AuditCheckpoint {
    std::string origin;
    std::int64_t size = 0;
    std::string root;     // base64, as in the note
    std::string key;      // NAME+ID+KEY that verified its signature; empty if none did
    bool isHeld = false;  // from AuditTrust, not from beside the log
};

// What an authority says about time: so many records were there then.
struct AuditTimestamp {
    std::int64_t record = 0;  // that has the token
    std::int64_t size = 0;
    std::string time, authority;
    bool isTrusted = false;  // signed under a certificate of AuditTrust
};

struct AuditVerification {
    // "tampered" > "truncated" > "unsigned" > "erased" > "ok", or "unreadable"; see exitCodeOf().
    std::string status;
    std::int64_t records = 0;
    std::optional<std::int64_t> firstBadRecord;  // of what makes it "tampered"
    std::vector<AuditFinding> findings;
    std::optional<AuditCheckpoint> checkpoint;
    std::int64_t unmatchedStarts = 0;  // runs that started and never ended
    std::int64_t unsignedRecords = 0;  // after the last checkpoint
    std::int64_t signedLate = 0;       // gaps between writing and signing, each on record
    std::int64_t erased = 0;           // payloads and blobs that an erasure took away
    std::int64_t clockSetBack = 0;     // records whose time is before that of an earlier one
    std::vector<AuditTimestamp> timestamps;
    std::string head;                       // hex leaf of the last record
    std::vector<std::string> cannotDetect;  // printed as plainly as the result
};

// Recomputes everything: leaves, chain, sequence, Merkle roots and signatures of the checkpoints,
// derived columns, blobs, commitments, schema text, application id, SQLite's own integrity check.
// Never throws for what a hostile log contains; a file that cannot be read at all, or is no log,
// gives "unreadable". Reads one snapshot, in bounded memory; a writer waits meanwhile. Changes
// nothing, except that a write which a crash cut short is rolled back. Throws Error(InputFile) for
// a file of `trust` that is not there or is none.
AuditVerification verifyAuditLog(const std::filesystem::path& file, const AuditTrust& trust = {});

// The exit code of a status: ok 0, tampered 5, truncated 6, erased 7, unsigned 10, unreadable 3.
int exitCodeOf(std::string_view status);

}  // namespace driftlens
