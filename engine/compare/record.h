// A comparison as records of the log hold it, and read back from them: the report of a logged run
// needs nothing else.
#pragma once

#include "engine/audit/log.h"
#include "engine/compare/explain.h"

#include <string>

namespace driftlens {

Json identityJson(const ModelIdentity& identity);

// Scores as blobs, figures as exact strings; no text or id of the prompt or of an answer.
Json attributionRecord(AuditLog& log, const Attribution& attribution);

// The example_result of an explanation, and those of a comparison: one per variant. What could
// quote the input or an answer (tokens, target, top answers, edits) is the payload "example", which
// can be erased. Blobs are taken by the log and written with the first record that names them.
AuditResult explanationResult(AuditLog& log, const Explanation& explanation);
std::vector<AuditResult> comparisonResults(AuditLog& log, const Comparison& comparison);

// The comparison of a finished run; agreement and verdicts are computed again from the scores.
// Attention maps, times and file lists beyond digests are as logged or absent. Throws Error(Usage)
// for a run that is no finished comparison, Error(Erased) if its payload was erased,
// Error(Tampered) if a payload or blob does not fit its commitment.
Comparison readComparison(const AuditLog& log, const std::string& runId);

}  // namespace driftlens
