// The bytes of a record: what is hashed, chained and, later, signed. Stored: a change of meaning
// needs a new kRecordVersion.
//
//   rec  = canonical JSON (canonicalJson) of an object with exactly these members
//            blobs           array of hex: commitments of the blobs that the body refers to, sorted
//            body            object: what the writer put in
//            canonicaliser   "driftlens-jcs-1"
//            commitments     object: payload name → hex SHA-256(salt ‖ bytes), 32 bytes of salt
//            log_id          32 hex digits, random, the same in every record of one log
//            meta            object: what the log itself added (verb, actor, clock; duration)
//            prev            hex: leaf of record seq − 1; 64 zeros in record 1
//            record_type     "genesis", "run_started", …
//            run_id          16 hex digits; empty where the record belongs to no run
//            schema_version  1
//            seq             1, 2, … without gaps
//            time            RFC 3339, UTC, nine decimals
//   leaf = SHA-256(0x00 ‖ rec)                        (a leaf of RFC 6962)
//   blob commitment = SHA-256(salt ‖ digest), digest = SHA-256("dtype|[d0,d1]|" ‖ LE bytes)
//
// Salts and payload bytes stand beside the records, so that erasing them leaves the chain whole and
// no digest in it can be guessed from.
#pragma once

#include "core/base/digest.h"
#include "core/base/json.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens::audit {

inline constexpr std::int64_t kRecordVersion = 1;
inline constexpr std::string_view kCanonicaliser = "driftlens-jcs-1";
inline constexpr std::size_t kSaltBytes = 32;

// Types of records; stored, append only. Those of the first group belong to a run, and "erased"
// says that the payloads and blobs of its run's earlier records are gone; those of the second have
// an empty run_id. "rerun" says what computing a finished run again gave: it belongs to the run
// where that is in the same log, else to none.
inline constexpr std::string_view kRunStarted = "run_started";
inline constexpr std::string_view kExampleResult = "example_result";
inline constexpr std::string_view kRunFinished = "run_finished";
inline constexpr std::string_view kRunFailed = "run_failed";
inline constexpr std::string_view kRunCancelled = "run_cancelled";
inline constexpr std::string_view kErased = "erased";
inline constexpr std::string_view kRerun = "rerun";

inline constexpr std::string_view kGenesis = "genesis";
inline constexpr std::string_view kSignedLate = "signed_late";
inline constexpr std::string_view kKeyRotated = "key_rotated";
inline constexpr std::string_view kExported = "exported";
inline constexpr std::string_view kTimestamped = "timestamped";
inline constexpr std::string_view kRetention = "retention";

bool endsRun(std::string_view recordType);

// The members of a record, as values.
struct RecordFields {
    std::int64_t seq = 0;
    std::string type;
    std::string runId;
    std::string time;
    std::string logId;
    Sha256 prev{};
    Json meta = Json::object();
    Json body = Json::object();
    std::map<std::string, Sha256> commitments;
    std::vector<Sha256> blobs;  // sorted, distinct
};

// Throws Error(Internal) for what canonicalJson refuses (a float in the body).
std::string canonicalRecord(const RecordFields& fields);

// Reads a record strictly. Throws Error(InputFile) if the bytes are not exactly the canonical form
// of a record: another member, a duplicate key, white space, another order of keys.
RecordFields parseRecord(std::string_view rec);

Sha256 leafOf(std::string_view rec);

// SHA-256(salt ‖ bytes).
Sha256 commitmentOf(std::string_view salt, std::string_view bytes);

inline std::string_view bytesOf(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Throws Error(InputFile) if there are not 32 bytes.
Sha256 digestFrom(std::string_view bytes);

}  // namespace driftlens::audit
