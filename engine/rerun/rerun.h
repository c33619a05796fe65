// A logged run, computed again: do the same weights and input give the same numbers?
#pragma once

#include "core/base/run_context.h"
#include "engine/audit/verify.h"
#include "engine/rerun/rerun_check.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

struct RerunOptions {
    std::optional<int> threads;                // as recorded where absent; 0: all cores
    std::optional<std::int64_t> batch;         // as recorded where absent
    std::optional<std::filesystem::path> log;  // takes the verdict instead of the run's own log
    bool appends = true;
    AuditTrust trust;  // what the log is verified against
};

// Something that computing depends on and that is not as it was.
struct EnvironmentDifference {
    std::string what, recorded, now;
};

struct CheckedFile {
    std::string model, name, sha256;
};

struct Rerun {
    std::string runId, verb;
    // What verifying the log found. "tampered" and "truncated" are the end: nothing else is filled
    // in then but logFinding.
    std::string logStatus;
    std::int64_t logRecords = 0;
    std::string logHead;
    std::string logFinding;  // the first, if any
    std::vector<CheckedFile> files;
    std::int64_t payloads = 0, blobs = 0;
    std::vector<EnvironmentDifference> environment;
    std::vector<RerunResult> results;
    RerunVerdict verdict = RerunVerdict::Differing;  // the worst of the results
    std::string tolerance;                           // how it is made, for people
    double seconds = 0.0;
    std::optional<std::int64_t> record;  // that has the verdict
    std::string whyNoRecord;

    // "bitwise_equal", "within_tolerance", "differing", or the log's status where that was the end.
    std::string status() const;
};

// Verifies the log, checks the digest of every file, then computes and compares, and puts the
// verdict on record. A log that cannot be written is said, not thrown. Throws as readRecordedRun
// and checkRecordedFiles do, and as explaining does.
Rerun rerunRun(const std::filesystem::path& log, const std::string& runId,
               const RerunOptions& options, const RunContext& context);

}  // namespace driftlens
