// A comparison for the terminal.
#pragma once

#include "engine/compare/comparison.h"
#include "engine/compare/flip_point.h"

#include <string>

namespace driftlens {

// Per variant the answer, and per method the agreement and the verdict; with the scores of every
// token if asked.
std::string comparisonText(const Comparison& comparison, bool withTokens);

// Where each variant leaves the reference's text, and the comparison there.
std::string flipPointsText(const FlipPoints& points);

}  // namespace driftlens
