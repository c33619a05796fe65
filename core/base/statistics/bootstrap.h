// Bootstrap intervals (Efron and Tibshirani 1993, "An introduction to the bootstrap") of any
// statistic of a sample. Paired data are one sample of pairs: a resample keeps pairs together.
#pragma once

#include "core/base/figure.h"
#include "core/base/run_context.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// What is estimated, of the elements at these positions of the sample: each below its size, with
// repeats in a resample. The identity gives the estimate itself.
using Statistic = std::function<Figure(std::span<const std::size_t> positions)>;

// Which resamples are drawn: resample r comes of RandomStream(seed, stream, r) alone, so that it
// depends neither on how many there are nor on the order in which they are made.
struct ResamplePlan {
    std::uint64_t seed = 0;
    std::string_view stream = "bootstrap";
    std::size_t resamples = 2000;
};

// A statistic of the sample and of other samples made from it.
struct Resampled {
    Figure estimate;             // on the sample itself
    std::vector<double> values;  // one per resample, finite; none if there is a reason
    std::string reason;          // why there are no values
};

// All three have no values if the sample is empty or the statistic has no value on the sample or on
// any resample: to leave such resamples out would bias the interval unseen. Throw Error(Usage) for
// no resamples, Error(Cancelled), and what the statistic throws.
Resampled bootstrap(std::size_t size, const Statistic& statistic, const ResamplePlan& plan,
                    const RunContext& context = {});

// The same for given resamples: positions [resamples, size], row-major. Throws Error(Usage) too if
// their number is no multiple of size or one is not below size.
Resampled bootstrap(std::size_t size, const Statistic& statistic,
                    std::span<const std::size_t> positions, const RunContext& context = {});

// The statistic without element i, for each i: what bcaInterval needs. None for one element.
Resampled jackknife(std::size_t size, const Statistic& statistic, const RunContext& context = {});

// The standard deviation of the resampled values (n - 1 in the denominator); undefined for one.
Figure standardError(const Resampled& resampled);

// Two-sided intervals of that level, with quantiles as in quantile.h; undefined, with the reason,
// if there are no values. Throw Error(Usage) if level is not in (0, 1).
Interval percentileInterval(const Resampled& resampled, double level = 0.95);
Interval basicInterval(const Resampled& resampled, double level = 0.95);

// Bias-corrected and accelerated (Efron 1987, "Better bootstrap confidence intervals"). Undefined
// too if the estimate lies outside all resampled values.
Interval bcaInterval(const Resampled& resampled, const Resampled& jackknifed, double level = 0.95);

// Its two terms: z0 from the share of values below the estimate, half of the equal ones counted;
// the acceleration from the skewness of the jackknife, 0 if that does not vary.
Figure bcaBias(const Resampled& resampled);
Figure bcaAcceleration(const Resampled& jackknifed);

}  // namespace driftlens
