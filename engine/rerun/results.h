// The results of a run, as they are on record and as they come out now, laid out alike.
#pragma once

#include "engine/rerun/recorded_run.h"
#include "engine/rerun/rerun_check.h"

#include <vector>

namespace driftlens {

std::vector<NamedLeaves> recordedResults(const RecordedRun& run, AuditLog& log);

// The run computed as `request` says, in the same order. Nothing is written to the log. Throws
// Error(InputFile) if a model was loaded from other files than the run's.
std::vector<NamedLeaves> computedResults(const RecordedRun& run, const PromptRequest& request,
                                         AuditLog& log, const RunContext& context);

}  // namespace driftlens
