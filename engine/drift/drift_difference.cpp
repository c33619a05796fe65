#include "engine/drift/drift_difference.h"

#include "core/base/error.h"
#include "core/base/statistics/distributions.h"
#include "core/base/text.h"
#include "engine/drift/resampling.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace driftlens {
namespace {

constexpr std::size_t kMostDraws = 20;  // 184756 ways at most
// Sums of the same numbers in another order differ by rounding; such ways are as far.
constexpr double kRounding = 1e-12;

struct Pairs {
    std::vector<double> differences;
    std::vector<std::string> clusters;
    std::size_t undefined = 0;
};

Pairs pairsOf(std::span<const Figure> first, std::span<const Figure> second,
              std::span<const std::string> clusters) {
    if (first.size() != second.size() || (!clusters.empty() && clusters.size() != first.size())) {
        throw Error(ErrorKind::Usage, "drift difference: " + std::to_string(first.size()) +
                                          " and " + std::to_string(second.size()) + " drifts, in " +
                                          std::to_string(clusters.size()) +
                                          " clusters: the examples are not the same");
    }
    Pairs out;
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (!first[i].value || !second[i].value) {
            ++out.undefined;
            continue;
        }
        out.differences.push_back(*first[i].value - *second[i].value);
        if (!clusters.empty()) out.clusters.push_back(clusters[i]);
    }
    return out;
}

// Twice the smaller tail of the resampled means, the sample itself counted as one.
Figure twoSidedP(const Resampled& resampled) {
    if (resampled.values.empty()) return undefinedFigure(resampled.reason);
    std::size_t notAbove = 0, notBelow = 0;
    for (const double value : resampled.values) {
        notAbove += value <= 0.0 ? 1 : 0;
        notBelow += value >= 0.0 ? 1 : 0;
    }
    const auto tail = static_cast<double>(1 + std::min(notAbove, notBelow));
    return {std::min(1.0, 2.0 * tail / static_cast<double>(1 + resampled.values.size())), ""};
}

std::string sentenceOf(const DriftDifference& found) {
    if (!found.interval.value) return "not compared: " + found.interval.reason;
    const Range& range = *found.interval.value;
    const std::string measured = formatNumber(*found.difference.value, 3) +
                                 " (95 %: " + formatNumber(range.low, 3) + " to " +
                                 formatNumber(range.high, 3) + ") over " +
                                 std::to_string(found.examples) + " examples";
    if (!found.differs) return "no difference shown: " + measured;
    return std::string("the ") + (range.low > 0.0 ? "first" : "second") +
           " drifts more, on prompts such as these: " + measured;
}

double sumOf(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

std::string whyNoPermutation(std::span<const double> first, std::span<const double> second) {
    if (first.empty() || second.empty()) return "a scheme has no draws";
    if (!allFinite(first) || !allFinite(second)) return "a draw's drift is not finite";
    return first.size() + second.size() > kMostDraws
               ? "more than " + std::to_string(kMostDraws) + " draws"
               : "";
}

// How many ways to choose so many of the draws there are, and in how many of them the means lie as
// far apart as observed.
struct Ways {
    std::uint64_t all = 0, asFar = 0;
};
Ways waysOf(std::span<const double> draws, std::size_t chosen, double observed) {
    const double total = sumOf(draws);
    const auto n = static_cast<double>(chosen), m = static_cast<double>(draws.size() - chosen);
    double scale = 0.0;
    for (const double draw : draws) scale = std::max(scale, std::abs(draw));
    Ways out;
    for (std::uint32_t set = 0; set < (1U << draws.size()); ++set) {
        if (std::popcount(set) != static_cast<int>(chosen)) continue;
        double sum = 0.0;
        for (std::size_t i = 0; i < draws.size(); ++i)
            if ((set >> i & 1U) != 0) sum += draws[i];
        const double apart = std::abs(sum / n - (total - sum) / m);
        ++out.all;
        out.asFar += apart >= std::abs(observed) - kRounding * scale ? 1 : 0;
    }
    return out;
}

}  // namespace

DriftDifference driftDifference(std::span<const Figure> first, std::span<const Figure> second,
                                std::span<const std::string> clusters, const ResamplePlan& plan,
                                const RunContext& context) {
    const Pairs pairs = pairsOf(first, second, clusters);
    const Statistic mean = [&](std::span<const std::size_t> chosen) {
        double sum = 0.0;
        for (const std::size_t i : chosen) sum += pairs.differences[i];
        return finiteFigure(sum / static_cast<double>(chosen.size()));
    };
    const Resampled resampled =
        pairs.clusters.empty() ? bootstrap(pairs.differences.size(), mean, plan, context)
                               : clusterBootstrap(clustersOf(pairs.clusters), mean, plan, context);
    DriftDifference out;
    out.examples = pairs.differences.size();
    out.undefined = pairs.undefined;
    out.difference = resampled.estimate;
    out.interval = percentileInterval(resampled);
    out.p = twoSidedP(resampled);
    if (out.interval.value)
        out.differs = out.interval.value->low > 0.0 || out.interval.value->high < 0.0;
    out.sentence = sentenceOf(out);
    return out;
}

SchemeDifference schemeDifference(std::span<const double> first, std::span<const double> second) {
    SchemeDifference out;
    if (const std::string reason = whyNoPermutation(first, second); !reason.empty()) {
        out.difference = out.p = out.smallestP = undefinedFigure(reason);
        return out;
    }
    const double difference = sumOf(first) / static_cast<double>(first.size()) -
                              sumOf(second) / static_cast<double>(second.size());
    std::vector<double> draws(first.begin(), first.end());
    draws.insert(draws.end(), second.begin(), second.end());
    const Ways ways = waysOf(draws, first.size(), difference);
    const auto all = static_cast<double>(ways.all);
    // With equally many draws the mirrored way lies as far apart.
    const double fewest = first.size() == second.size() ? 2.0 : 1.0;
    out.difference = finiteFigure(difference);
    out.p = {static_cast<double>(ways.asFar) / all, ""};
    out.smallestP = {fewest / all, ""};
    return out;
}

}  // namespace driftlens
