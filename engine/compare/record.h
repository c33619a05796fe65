// A comparison as records of the log hold it, and read back from them: the report of a logged run
// needs nothing else.
#pragma once

#include "engine/audit/log.h"
#include "engine/compare/explain.h"

#include <string>

namespace driftlens {

Json identityJson(const ModelIdentity& identity);

// Scores as blobs, figures as exact strings.
Json attributionRecord(AuditLog& log, const Attribution& attribution);

// One example_result per variant. What could quote the input (its tokens, the target, the answers'
// texts) is the payload "example", which can be erased.
void logComparison(AuditLog& log, const std::string& runId, const Comparison& comparison);

// The comparison of a finished run; agreement and verdicts are computed again from the scores.
// Attention maps, times and file lists beyond digests are as logged or absent. Throws Error(Usage)
// for a run that is no finished comparison, Error(Erased) if its payload was erased,
// Error(Tampered) if a payload or blob does not fit its commitment.
Comparison readComparison(const AuditLog& log, const std::string& runId);

}  // namespace driftlens
