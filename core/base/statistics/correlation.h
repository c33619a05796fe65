// Correlations of paired values, ties included. Pure functions.
#pragma once

#include "core/base/figure.h"

#include <span>
#include <vector>

namespace driftlens {

// A coefficient in [-1, 1] and the two-sided p-value of "the pairs are unrelated". p is undefined
// wherever the coefficient is.
struct Correlation {
    Figure coefficient;
    Figure p;
};

// Average ranks from 1, ties share their mean. Values are not NaN.
std::vector<double> averageRanks(std::span<const double> values);

// All below: a and b have equal length, else Error(Usage); undefined for fewer than two pairs, for
// a value that is not finite and for values that are all equal on one side.

// p from Student's t with n - 2 degrees of freedom, exact for normal data; 1 for two pairs.
Correlation pearson(std::span<const double> a, std::span<const double> b);

// Pearson's coefficient of the average ranks; p from the same t, undefined for two pairs.
Correlation spearman(std::span<const double> a, std::span<const double> b);

// Kendall 1945. p is exact (Kendall 1970) without ties for up to 33 pairs, or if at most one pair
// of pairs is out of order; else normal with the variance for ties. O(n log n), Knight 1966.
Correlation kendallTauB(std::span<const double> a, std::span<const double> b);

// Stuart 1953, for tables that are not square; p as for tau-b.
Correlation kendallTauC(std::span<const double> a, std::span<const double> b);

// Vigna 2015, "A weighted correlation index for rankings with ties": hyperbolic weights, added; the
// mean over ranking by falling a and by falling b, so that exchanges among the largest values count
// most. O(n²).
Figure weightedTau(std::span<const double> a, std::span<const double> b);

}  // namespace driftlens
