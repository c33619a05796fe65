// The clause table read against one report: where evidence is, and where there is none.
#pragma once

#include "core/base/json.h"
#include "reports/clauses/clause_table.h"

#include <string_view>

namespace driftlens {

// In the order of how much is there.
enum class ClauseStatus { EvidencePresent, Partial, Missing, NotAddressed };
std::string_view clauseStatusName(ClauseStatus status);  // "evidence present", …

// A required field that is absent makes it missing, whatever else is there; else a field that is
// only part, or a remainder that the tool leaves to others, makes it partial.
ClauseStatus clauseStatus(const ClauseRow& row, const Json& report);

// The member "clauses" of a report.
Json clauseMap(const Json& report);

}  // namespace driftlens
