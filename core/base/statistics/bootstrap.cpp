#include "core/base/statistics/bootstrap.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/statistics/distributions.h"
#include "core/base/statistics/quantile.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace driftlens {
namespace {

Figure checkedValue(const Statistic& statistic, std::span<const std::size_t> positions) {
    const Figure figure = statistic(positions);
    if (figure.value) return finiteFigure(*figure.value);
    return undefinedFigure(figure.reason.empty() ? "the statistic has no value" : figure.reason);
}

// The statistic of the sample, and of the positions that `fill` writes for each resample.
Resampled resample(std::size_t size, std::size_t resamples, const Statistic& statistic,
                   const std::function<void(std::size_t, std::vector<std::size_t>&)>& fill,
                   const RunContext& context) {
    if (resamples == 0) throw Error(ErrorKind::Usage, "bootstrap: no resamples");
    std::vector<std::size_t> positions(size);
    std::iota(positions.begin(), positions.end(), std::size_t{0});
    Resampled out;
    out.estimate = checkedValue(statistic, positions);
    out.reason = out.estimate.reason;
    for (std::size_t r = 0; r < resamples && out.reason.empty(); ++r) {
        context.throwIfStopped();
        fill(r, positions);
        const Figure figure = checkedValue(statistic, positions);
        if (figure.value) {
            out.values.push_back(*figure.value);
        } else {
            out.values.clear();
            out.reason = "resample " + std::to_string(r) + " has no value: " + figure.reason;
        }
    }
    return out;
}

// Why there is nothing to take a quantile of; empty if there is.
std::string whyNone(const Resampled& resampled) {
    return resampled.values.empty() && resampled.reason.empty() ? "no resamples" : resampled.reason;
}

Resampled noValues(std::string reason) {
    return {undefinedFigure(reason), {}, reason};
}

// Both tail probabilities of an interval.
Range tailsOf(double level) {
    if (!(level > 0.0 && level < 1.0)) {
        throw Error(ErrorKind::Usage,
                    "bootstrap: level " + std::to_string(level) + " is not in (0, 1)");
    }
    return {0.5 * (1.0 - level), 0.5 * (1.0 + level)};
}

Range quantilesAt(const Resampled& resampled, const Range& probabilities) {
    std::vector<double> sorted = resampled.values;
    std::sort(sorted.begin(), sorted.end());
    return {quantileOfSorted(sorted, probabilities.low),
            quantileOfSorted(sorted, probabilities.high)};
}

Interval finiteInterval(double low, double high) {
    if (!std::isfinite(low) || !std::isfinite(high))
        return undefinedInterval("the result is not finite");
    return {Range{low, high}, ""};
}

double meanOf(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Efron and Tibshirani 1993, equation 14.10: the probability whose quantile is the end of the
// interval that is at z under a normal distribution; nothing where the acceleration is too large.
std::optional<double> correctedTail(double z, double bias, double acceleration) {
    const double shifted = bias + z;
    const double stretch = 1.0 - acceleration * shifted;
    if (stretch <= 0.0) return std::nullopt;
    return normalCdf(bias + shifted / stretch);
}

}  // namespace

Resampled bootstrap(std::size_t size, const Statistic& statistic, const ResamplePlan& plan,
                    const RunContext& context) {
    if (size == 0) return noValues("the sample is empty");
    const auto draw = [&](std::size_t r, std::vector<std::size_t>& positions) {
        RandomStream stream(plan.seed, plan.stream, r);
        for (std::size_t& p : positions) p = static_cast<std::size_t>(stream.below(size));
    };
    return resample(size, plan.resamples, statistic, draw, context);
}

Resampled bootstrap(std::size_t size, const Statistic& statistic,
                    std::span<const std::size_t> positions, const RunContext& context) {
    if (size == 0) return noValues("the sample is empty");
    if (positions.size() % size != 0) {
        throw Error(ErrorKind::Usage, "bootstrap: " + std::to_string(positions.size()) +
                                          " positions are no whole resamples of " +
                                          std::to_string(size));
    }
    for (const std::size_t p : positions) {
        if (p >= size) {
            throw Error(ErrorKind::Usage, "bootstrap: position " + std::to_string(p) +
                                              " in a sample of " + std::to_string(size));
        }
    }
    const auto copyRow = [&](std::size_t r, std::vector<std::size_t>& row) {
        std::copy_n(positions.begin() + static_cast<std::ptrdiff_t>(r * size), size, row.begin());
    };
    return resample(size, positions.size() / size, statistic, copyRow, context);
}

Resampled jackknife(std::size_t size, const Statistic& statistic, const RunContext& context) {
    if (size == 0) return noValues("the sample is empty");
    if (size == 1) return noValues("one element: nothing is left without it");
    const auto leaveOut = [&](std::size_t left, std::vector<std::size_t>& positions) {
        positions.resize(size - 1);
        for (std::size_t i = 0; i + 1 < size; ++i) positions[i] = i < left ? i : i + 1;
    };
    return resample(size, size, statistic, leaveOut, context);
}

Figure standardError(const Resampled& resampled) {
    if (const auto reason = whyNone(resampled); !reason.empty()) return undefinedFigure(reason);
    if (resampled.values.size() < 2) return undefinedFigure("fewer than two resamples");
    const double mean = meanOf(resampled.values);
    double squares = 0.0;
    for (const double v : resampled.values) squares += (v - mean) * (v - mean);
    return finiteFigure(std::sqrt(squares / static_cast<double>(resampled.values.size() - 1)));
}

Interval percentileInterval(const Resampled& resampled, double level) {
    const Range tails = tailsOf(level);
    if (const auto reason = whyNone(resampled); !reason.empty()) return undefinedInterval(reason);
    return {quantilesAt(resampled, tails), ""};
}

Interval basicInterval(const Resampled& resampled, double level) {
    const Range tails = tailsOf(level);
    if (const auto reason = whyNone(resampled); !reason.empty()) return undefinedInterval(reason);
    const Range quantiles = quantilesAt(resampled, tails);
    const double twice = 2.0 * *resampled.estimate.value;
    return finiteInterval(twice - quantiles.high, twice - quantiles.low);
}

Interval bcaInterval(const Resampled& resampled, const Resampled& jackknifed, double level) {
    const Range tails = tailsOf(level);
    const Figure bias = bcaBias(resampled);
    if (!bias.value) return undefinedInterval(bias.reason);
    const Figure acceleration = bcaAcceleration(jackknifed);
    if (!acceleration.value) return undefinedInterval(acceleration.reason);
    const double z = normalQuantile(tails.low);
    const auto low = correctedTail(z, *bias.value, *acceleration.value);
    const auto high = correctedTail(-z, *bias.value, *acceleration.value);
    if (!low || !high) return undefinedInterval("the acceleration is too large for this level");
    return {quantilesAt(resampled, {*low, *high}), ""};
}

Figure bcaBias(const Resampled& resampled) {
    if (const auto reason = whyNone(resampled); !reason.empty()) return undefinedFigure(reason);
    const double estimate = *resampled.estimate.value;
    double below = 0.0;
    for (const double v : resampled.values) below += v < estimate ? 1.0 : v == estimate ? 0.5 : 0.0;
    const double share = below / static_cast<double>(resampled.values.size());
    if (share == 0.0 || share == 1.0)
        return undefinedFigure("the estimate lies outside all resampled values");
    return finiteFigure(normalQuantile(share));
}

Figure bcaAcceleration(const Resampled& jackknifed) {
    if (const auto reason = whyNone(jackknifed); !reason.empty()) return undefinedFigure(reason);
    const auto [least, most] =
        std::minmax_element(jackknifed.values.begin(), jackknifed.values.end());
    if (*least == *most) return finiteFigure(0.0);
    const double mean = meanOf(jackknifed.values);
    const double scale = *most - *least;  // so that no power overflows or vanishes
    double squares = 0.0, cubes = 0.0;
    for (const double v : jackknifed.values) {
        const double distance = (mean - v) / scale;
        squares += distance * distance;
        cubes += distance * distance * distance;
    }
    return finiteFigure(cubes / (6.0 * squares * std::sqrt(squares)));
}

}  // namespace driftlens
