// Whether an explanation can be trusted, as JSON: for programs, and as a record of the log.
#pragma once

#include "core/base/json.h"
#include "engine/audit/log.h"
#include "engine/compare/comparison.h"

#include <string>

namespace driftlens {

// {reference{deletion, insertion}, variant{…}, randomised_weights[{layer, magnitudes, signed}]}.
Json toJson(const ExplanationChecks& checks);

// Curves as blobs, which an erasure takes away; the rest as text that reads back exactly.
Json checksRecord(AuditLog& log, const ExplanationChecks& checks);
// Throws what JSON throws for a record of another shape.
ExplanationChecks readChecks(const AuditLog& log, const Json& record, const std::string& where);

}  // namespace driftlens
