// Exact values of small games by enumerating their 2^players coalitions.
#pragma once

#include "xai/coalitions/evaluator.h"

namespace driftlens::coalitions {

inline constexpr std::size_t kMostExactPlayers = 16;

// All three throw Error(Usage) beyond kMostExactPlayers, and what Evaluator::valuesOf throws.

// Shapley 1953, "A value for n-person games": complete (the gap is rounding).
std::vector<PlayerValues> exactShapley(Evaluator& evaluator);

// Banzhaf 1965: the mean marginal contribution over all coalitions of the others. Not complete.
std::vector<PlayerValues> exactBanzhaf(Evaluator& evaluator);

// Pairwise Shapley interaction index (Grabisch and Roubens 1999), per target
// [players, players], row-major, symmetric with a zero diagonal.
std::vector<std::vector<double>> exactShapleyInteractions(Evaluator& evaluator);

}  // namespace driftlens::coalitions
