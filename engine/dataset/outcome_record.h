// An example's outcome as the log holds it, and read back from there: a run that is resumed, or
// reported, computes nothing again.
#pragma once

#include "engine/audit/log.h"
#include "engine/dataset/outcome.h"

#include <string>
#include <vector>

namespace driftlens {

// One example_result: figures in the record; what could quote the row (text, ids, label, slice,
// cluster, answers) in its payload, which can be erased; what tokens gave as blobs. `text` is the
// row's; models are the digests of what computed it.
AuditResult outcomeRecord(AuditLog& log, const ExampleOutcome& outcome, const std::string& text,
                          const std::vector<std::string>& models);

// The finished examples of a run and of those it resumed, in the order of the file, if they were
// asked as these settings (of run_started) and this target ask and computed by models of these
// digests. Throws Error(Usage) if not, and for a run that is no comparison of a data set,
// Error(Erased) if payloads were erased, Error(Tampered) for records of another shape.
std::vector<ExampleOutcome> readOutcomes(const AuditLog& log, const std::string& runId,
                                         const Json& settings, const std::string& target,
                                         const std::vector<std::string>& models);

// The same of any run, for showing it: whatever was asked, and by whichever models.
std::vector<ExampleOutcome> readOutcomes(const AuditLog& log, const std::string& runId);

}  // namespace driftlens
