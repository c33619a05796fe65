// The rules of the plain summary by kind of report.
#pragma once

#include "reports/document/summary.h"

namespace driftlens {

std::vector<std::string> promptSummary(const Json& report);
Headline promptHeadline(const Json& report);

std::vector<std::string> datasetSummary(const Json& report);
Headline datasetHeadline(const Json& report);

// ": A, B"; nothing of more than three, which a headline does not hold.
std::string namedIfFew(const std::vector<std::string>& names);

}  // namespace driftlens
