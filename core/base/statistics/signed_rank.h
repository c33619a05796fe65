// Wilcoxon's signed rank test of paired differences. Pure functions.
#pragma once

#include "core/base/statistics/paired_tests.h"

#include <span>

namespace driftlens {

// What the ranks of |difference| do with zeros. They are dropped first (Wilcoxon 1945), ranked and
// then dropped (Pratt 1959), or ranked and given half to each side.
enum class ZeroDifferences { Drop, Pratt, Split };

enum class SignedRankNull {
    Automatic,        // Exact for at most 50 differences without ties or zeros, or at most 13 with
    Exact,            // every choice of signs for the ranks at hand, ties and zeros included
    Normal,           // with the variance for ties and zeros (Cureton 1967)
    CorrectedNormal,  // the same with a continuity correction of 1/2
};

// Wilcoxon 1945. statistic: the smaller of the rank sums of positive and of negative differences.
// p is undefined under Normal if nothing that varies is left, and under Exact beyond 1000
// differences that are not zero.
TestResult wilcoxonSignedRank(std::span<const double> differences,
                              ZeroDifferences zeros = ZeroDifferences::Drop,
                              SignedRankNull null = SignedRankNull::Automatic);

}  // namespace driftlens
