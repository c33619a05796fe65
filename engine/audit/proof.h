// Showing one record to somebody who has not got the log. FORMAT.md describes the file.
#pragma once

#include "engine/audit/verify.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace driftlens {

struct AuditProofCheck {
    // "ok"; "tampered": the proof does not lead from the record to a checkpoint that the auditor's
    // key signed, or that they hold.
    std::string status;
    std::int64_t record = 0;  // seq
    std::string type, runId, timeUtc;
    std::int64_t size = 0;  // records under the checkpoint
    std::vector<std::string> findings;
};

// Checks a proof that AuditLog::proof wrote, without the log: against the key in `trust`, and
// against the checkpoint of the same size in the held file. Throws Error(InputFile) for a file that
// is not there, is no proof, or is none of `trust`; Error(Usage) if `trust` is empty.
AuditProofCheck checkAuditProof(const std::filesystem::path& proof, const AuditTrust& trust);

}  // namespace driftlens
