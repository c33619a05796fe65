// Drift of one explanation, judged against the reference's own repeatability. Pure functions of
// scores: a logged comparison is judged again by the same code.
#pragma once

#include "engine/compare/comparison.h"

#include <vector>

namespace driftlens {

// The reference's scores as they are, computed in float64, and in another batch shape; all of equal
// length.
Repeatability repeatabilityOf(const std::vector<double>& scores, std::vector<double> float64Scores,
                              std::vector<double> otherBatchScores);

// Agreement, largest change and verdict. An explanation that has not converged is not judged.
ExplanationDrift driftOf(Attribution reference, Attribution variant, Repeatability repeatability);

// Warnings of both attributions, each with whose it is.
std::vector<std::string> warningsOf(const ExplanationDrift& drift);

}  // namespace driftlens
