// Shapley values as mean marginal contributions over orders of the players.
#pragma once

#include "xai/coalitions/evaluator.h"

namespace driftlens::coalitions {

// A permutation of the players: each joins those before it.
using Order = std::vector<std::size_t>;

// Throws Error(Usage) for an order that is no permutation of the players.
void checkOrder(const Order& order, std::size_t players);

// What each player adds on joining, [orders, targets, players], row-major. Throws Error(Usage) for
// an order that is no permutation.
std::vector<double> marginalContributions(Evaluator& evaluator, std::span<const Order> orders);

// Means over the given orders, and over their reverses if antithetic (Mitchell et al. 2022; the
// form of shap's PermutationExplainer, whose way back removes players in the same order). Complete.
// Standard errors between orders, or between pairs; none for a single one. From a few they may be
// too small, where a player's part shows in some orders only. Throws Error(Usage) for
// no order.
std::vector<PlayerValues> permutationValues(Evaluator& evaluator, std::span<const Order> orders,
                                            bool isAntithetic);

// The same for drawn orders (Castro et al. 2009), as many as the budget's distinct evaluations
// allow, but at most one order or pair per evaluation of the budget. Looks at the tolerance after
// every 8 orders or pairs. Plain orders are captum's ShapleyValueSampling. Throws Error(Usage) if
// the budget does not allow two orders or pairs: 2 players, or 4 players − 2.
std::vector<PlayerValues> samplePermutations(Evaluator& evaluator, const SamplingPlan& plan,
                                             bool isAntithetic = true);

}  // namespace driftlens::coalitions
