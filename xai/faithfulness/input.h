// What the metrics check before they compute.
#pragma once

#include "xai/coalitions/evaluator.h"

namespace driftlens::faithfulness {

// Throws Error(Usage) for no scores at all and for a score that is not finite.
void checkScores(std::span<const double> scores);

// Throws Error(Usage) if the game has no such target.
void checkTarget(const coalitions::Evaluator& evaluator, std::size_t target);

// The values of one target.
std::vector<double> valuesOf(coalitions::Evaluator& evaluator,
                             std::span<const coalitions::Coalition> coalitions, std::size_t target);

}  // namespace driftlens::faithfulness
