// Tests of paired outcomes (right or wrong) and of paired differences. All p-values are two-sided
// where nothing else is said. Pure functions.
#pragma once

#include "core/base/figure.h"

#include <cstdint>
#include <span>
#include <string>

namespace driftlens {

struct TestResult {
    Figure statistic;
    Figure p;
};

// McNemar 1947, from the pairs that disagree. Without any, the exact p-values are 1 and the
// chi-squares undefined.
struct McNemar {
    double exactP = 1.0;
    double oneSidedP = 1.0;  // that the rarer kind is this rare or rarer, by chance
    double midP = 1.0;       // Fagerland, Lydersen and Laake 2013: closer to the nominal level
    TestResult chiSquare;
    TestResult correctedChiSquare;  // Edwards 1948: |difference| - 1, not below 0
};
// Throws Error(Usage) if the counts together exceed 64 bits.
McNemar mcNemar(std::uint64_t onlyFirstRight, std::uint64_t onlySecondRight);

// Clopper and Pearson 1934: the exact interval of a probability after `successes` of `trials`;
// [0, 1] without trials. Throws Error(Usage) for more successes than trials or a level outside
// (0, 1).
Range clopperPearson(std::uint64_t successes, std::uint64_t trials, double level = 0.95);

// Why differences have no test: there are none, or one is not finite. Empty if they have one.
std::string whyUntestable(std::span<const double> differences);

// All below are undefined where whyUntestable says so.

// statistic: how many differences are positive; zeros are left out. p is 1 if all are zero.
TestResult signTest(std::span<const double> differences);

// Fisher 1935: how often a mean as far from 0 comes of choosing every sign by chance, over all
// choices. statistic: the mean difference. p is undefined beyond 24 differences that are not zero.
TestResult signFlipTest(std::span<const double> differences);

}  // namespace driftlens
