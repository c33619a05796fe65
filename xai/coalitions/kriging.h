// Shapley values by kriging over the cube of coalitions: Bayesian quadrature (O'Hagan 1991) with
// the players' own parts as unknown trends (universal kriging, Matheron 1969). The default: of all
// our estimators the nearest for the same evaluations (tests/xai/coalitions/accuracy_test.cpp).
//
// With x = ±1 for kept and removed, a game is a sum of products of x over sets of players; Shapley
// values depend on sets of odd size alone, and half the difference of a coalition and its
// complement sees just these. Sets of one player are estimated freely; those of 3, 5, 7 … get a
// normal prior whose variance is shared evenly within a size and falls by 0.3 from one to the next.
// The fit is linear in the scores, so that values of differences are differences of values.
#pragma once

#include "xai/coalitions/efficient_fit.h"

namespace driftlens::coalitions {

inline constexpr std::size_t kMostKrigedPairs = 2048;

// A sample of pairs of complements without repeats (drawLeverage), more pairs than players and at
// most kMostKrigedPairs; outputs and ends as for fitEfficient. Complete. Standard errors: the
// posterior's deviations with the variance estimated from the sample, for Student's t.
std::vector<PlayerValues> fitKriged(const CoalitionSample& sample, const ScoreTable& outputs,
                                    std::vector<PlayerValues> ends);

// Its values on drawLeverage's coalitions. A budget for every coalition of a game that can be
// enumerated gives exact values; samples of more than kMostKrigedPairs are fitted as leverageShap's
// are. Throws Error(Usage) for a budget below 4 players + 2.
std::vector<PlayerValues> krigedShapley(Evaluator& evaluator, const SamplingPlan& plan);

}  // namespace driftlens::coalitions
