// p-values of one run, corrected for their number: the declared endpoints apart from the rest.
#pragma once

#include "core/base/figure.h"

#include <span>
#include <string>
#include <vector>

namespace driftlens {

struct EndpointTest {
    std::string id;
    bool isPrimary = false;  // declared before the run
    Figure p;                // two-sided
};

struct AdjustedTest {
    EndpointTest test;
    Figure adjusted;
    std::string label;  // "primary, Holm over 2", "exploratory, Benjamini-Hochberg over 7"
};

// Holm over the primary tests (any wrong rejection at all), Benjamini and Hochberg over the others
// (the share of wrong ones), in the given order. A test without a p-value counts as one with p = 1,
// so that a figure that failed does not ease the others. Throws Error(Usage) if a p-value is not in
// [0, 1].
std::vector<AdjustedTest> adjustTests(std::span<const EndpointTest> tests);

}  // namespace driftlens
