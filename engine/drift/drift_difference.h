// Does one variant drift more than another? By example, or by draw where schemes draw at random.
#pragma once

#include "core/base/figure.h"
#include "core/base/run_context.h"
#include "core/base/statistics/bootstrap.h"

#include <cstddef>
#include <span>
#include <string>

namespace driftlens {

// Of these two models, over prompts such as the examples. Two random roundings of one scheme are
// two models: one of them does drift more, and enough examples show it. Which scheme drifts more,
// schemeDifference says.
struct DriftDifference {
    Figure difference;  // mean drift of the first minus that of the second
    Interval interval;  // 95 %, percentile bootstrap of pairs, by cluster
    Figure p;           // two-sided, of no difference; from the same resamples as the interval
    std::size_t examples = 0;
    std::size_t undefined = 0;  // examples that lack a drift, left out of both
    bool differs = false;       // the interval excludes 0
    std::string sentence;
};

// Drifts of the same examples in the same order (driftOf in endpoint.h). `clusters`: the cluster of
// each example, as in Column; empty: examples are independent. Throws Error(Usage) if the lengths
// differ.
DriftDifference driftDifference(std::span<const Figure> first, std::span<const Figure> second,
                                std::span<const std::string> clusters = {},
                                const ResamplePlan& plan = {}, const RunContext& context = {});

// Over draws of two schemes (seeds of a random rounding, calibration samples), each the mean drift
// on the same examples.
struct SchemeDifference {
    Figure difference;  // mean of the first's draws minus that of the second's
    Figure p;           // two-sided, exact: draws exchanged between the schemes in every way
    Figure smallestP;   // what p would be if every draw of one lay above all of the other
};

// Fisher's permutation test (1935). Undefined without a draw of each, for a value that is not
// finite, and beyond 20 draws together.
SchemeDifference schemeDifference(std::span<const double> first, std::span<const double> second);

}  // namespace driftlens
