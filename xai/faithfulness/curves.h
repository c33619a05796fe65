// Values while a text is taken apart, or built up, in the order of an explanation.
#pragma once

#include "core/base/figure.h"
#include "xai/coalitions/permutation.h"

namespace driftlens::faithfulness {

using coalitions::Evaluator;
using coalitions::Order;

// Units by falling signed score, ties by the lower index. Throws Error(Usage) for no scores and for
// one that is not finite.
Order ranking(std::span<const double> scores);

// Both have a value for k = 0 … units.
struct Curves {
    std::vector<double> deletion;   // after the first k of the order were removed
    std::vector<double> insertion;  // with only the first k of the order kept

    double full() const { return deletion.front(); }
    double empty() const { return insertion.front(); }
};

// All below throw Error(Usage) for an order that is no permutation of the units and for a target
// that the game does not have, and what Evaluator::valuesOf throws.

// Every coalition that the two curves pass, ends included.
std::vector<coalitions::Coalition> deletionChain(const Order& order);
std::vector<coalitions::Coalition> insertionChain(const Order& order);

std::vector<double> deletionCurve(Evaluator& evaluator, const Order& order, std::size_t target = 0);

// Petsiuk et al. 2018, "RISE": units × 2 evaluations.
Curves curvesOf(Evaluator& evaluator, const Order& order, std::size_t target = 0);

// The area under a curve over the share k / units, by the trapezoidal rule.
double areaUnder(std::span<const double> curve);

// The mean over k = 1 … units of how far the value has dropped after removing the first k: the area
// over the perturbation curve (Samek et al. 2017).
double aopcOf(std::span<const double> deletionCurve);

// Every coalition that lacks one unit.
std::vector<coalitions::Coalition> leaveOneOutCoalitions(std::size_t units);

// How far the value drops without each unit. units + 1 evaluations.
std::vector<double> leaveOneOutDrops(Evaluator& evaluator, std::size_t target = 0);

// Kendall's tau-b of the scores and these drops; undefined where one side does not vary.
Figure tauLeaveOneOut(std::span<const double> scores, std::span<const double> drops);

}  // namespace driftlens::faithfulness
