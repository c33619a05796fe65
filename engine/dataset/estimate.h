// One figure over the examples of a data set, with what intervals and tests need.
#pragma once

#include "core/base/figure.h"
#include "core/base/run_context.h"
#include "core/base/statistics/bootstrap.h"
#include "engine/dataset/aggregate.h"
#include "engine/drift/endpoint.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace driftlens {

// Values of one metric over the examples that have one.
struct Column {
    std::vector<double> values;
    std::vector<std::string> clusters;  // one per value
    std::uint64_t undefined = 0;

    void add(const Figure& figure, const std::string& cluster);
    bool isClustered() const;
};

Figure meanOf(std::span<const double> values);

struct Estimate {
    AggregateFigure figure;
    Interval at90;
    Resampled resampled;
};

// Resampled 2000 times, by cluster where rows have one; intervals are bias-corrected and
// accelerated.
Estimate meanEstimate(const Column& column, std::uint64_t seed, const RunContext& context);

// A share of examples (values 0 and 1): its interval is exact where rows are independent.
Estimate shareEstimate(const Column& column, std::uint64_t seed, const RunContext& context);

// Σ above / Σ below, over examples: a mean over tokens, resampled by example. Columns of the same
// examples.
Estimate ratioEstimate(const Column& above, const Column& below, std::uint64_t seed,
                       const RunContext& context);

// Adds the p-value of "the drift is at most the margin".
void addMarginTest(Estimate& estimate, const EndpointInfo& endpoint, double margin,
                   bool isExactShare);

}  // namespace driftlens
