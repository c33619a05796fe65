// A comparison for the terminal.
#pragma once

#include "engine/compare/comparison.h"

#include <string>

namespace driftlens {

// Per variant the answer, and per method the agreement and the verdict; with the scores of every
// token if asked.
std::string comparisonText(const Comparison& comparison, bool withTokens);

}  // namespace driftlens
