// Leverage-score sampling (Musco and Witter 2024, "Provably accurate Shapley value estimation via
// leverage score sampling"): all sizes get the same number of coalitions, whatever the kernel says.
#pragma once

#include "xai/coalitions/efficient_fit.h"

namespace driftlens::coalitions {

// The kernel's weight of a coalition over its leverage score, but for a constant:
// 1 / (size (players − size)); 0 < size < players.
double leverageWeight(std::size_t players, std::size_t size);

// Pairs of complements without repeats: rows / 2 of them, spread evenly over the sizes (half as
// many in the middle), each size at most all it has. Weights are leverageWeight, corrected by size
// for what was taken, so that the sample stands for the whole kernel. players ≥ 1, rows ≥ 4 players
// or all.
CoalitionSample drawLeverage(std::size_t players, std::size_t rows, std::uint64_t seed);

// Its values: complete. Throws Error(Usage) for a budget below 4 players + 2.
std::vector<PlayerValues> leverageShap(Evaluator& evaluator, const SamplingPlan& plan);

}  // namespace driftlens::coalitions
