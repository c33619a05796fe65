#include "engine/dataset/estimate.h"

#include "core/base/statistics/distributions.h"
#include "engine/drift/behaviour.h"
#include "engine/drift/resampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

constexpr std::size_t kResamples = 2000;

// Σ above / Σ below without each cluster: both sums are known, so that it is a pass, not n of them.
Resampled withoutEach(const Clusters& clusters, const std::vector<double>& above,
                      const std::vector<double>& below) {
    const double sum = std::accumulate(above.begin(), above.end(), 0.0);
    const double weight = std::accumulate(below.begin(), below.end(), 0.0);
    Resampled out;
    for (const std::vector<std::size_t>& cluster : clusters) {
        double own = 0.0, ownWeight = 0.0;
        for (const std::size_t row : cluster) {
            own += above[row];
            ownWeight += below[row];
        }
        if (!(weight - ownWeight > 0.0)) return {{}, {}, "one cluster holds everything"};
        out.values.push_back((sum - own) / (weight - ownWeight));
    }
    return out;
}

// Bias-corrected and accelerated: drifts are skewed, and at their margin percentile intervals call
// them immaterial more often than they say (tests/science).
Estimate ratioOf(const Column& above, const std::vector<double>& below, std::uint64_t seed,
                 const RunContext& context) {
    const Statistic ratio = [&](std::span<const std::size_t> positions) {
        double sum = 0.0, weight = 0.0;
        for (const std::size_t i : positions) {
            sum += above.values[i];
            weight += below[i];
        }
        return weight > 0.0 ? finiteFigure(sum / weight) : undefinedFigure("nothing to average");
    };
    const Clusters clusters = clustersOf(above.clusters);
    const ResamplePlan plan{seed, "dataset", kResamples};
    Estimate out;
    out.resampled = clusterBootstrap(clusters, ratio, plan, context);
    const Resampled jackknifed = withoutEach(clusters, above.values, below);
    out.figure.examples = above.values.size();
    out.figure.undefined = above.undefined;
    out.figure.interval = bcaInterval(out.resampled, jackknifed);
    out.at90 = bcaInterval(out.resampled, jackknifed, 0.90);
    return out;
}

// P(at least so many of n, if each comes with this probability).
double binomialTail(std::uint64_t count, std::uint64_t of, double probability) {
    if (count == 0) return 1.0;
    return incompleteBeta(static_cast<double>(count), static_cast<double>(of - count + 1),
                          probability);
}

}  // namespace

void Column::add(const Figure& figure, const std::string& cluster) {
    if (!figure.value) {
        ++undefined;
        return;
    }
    values.push_back(*figure.value);
    clusters.push_back(cluster);
}

bool Column::isClustered() const {
    return std::any_of(clusters.begin(), clusters.end(),
                       [](const std::string& id) { return !id.empty(); });
}

Figure meanOf(std::span<const double> values) {
    if (values.empty()) return undefinedFigure("no example has a value");
    return finiteFigure(std::accumulate(values.begin(), values.end(), 0.0) /
                        static_cast<double>(values.size()));
}

Estimate meanEstimate(const Column& column, std::uint64_t seed, const RunContext& context) {
    Estimate out = ratioOf(column, std::vector<double>(column.values.size(), 1.0), seed, context);
    out.figure.value = meanOf(column.values);
    return out;
}

Estimate ratioEstimate(const Column& above, const Column& below, std::uint64_t seed,
                       const RunContext& context) {
    Estimate out = ratioOf(above, below.values, seed, context);
    out.figure.value = out.resampled.estimate;
    return out;
}

Estimate shareEstimate(const Column& column, std::uint64_t seed, const RunContext& context) {
    if (column.isClustered()) return meanEstimate(column, seed, context);
    Estimate out;
    const auto count =
        static_cast<std::uint64_t>(std::count(column.values.begin(), column.values.end(), 1.0));
    const Proportion share = proportionOf(count, column.values.size());
    out.figure.value = share.share;
    out.figure.interval = share.interval;
    out.figure.examples = column.values.size();
    out.at90 = proportionOf(count, column.values.size(), 0.90).interval;
    return out;
}

void addMarginTest(Estimate& estimate, const EndpointInfo& endpoint, double margin,
                   bool isExactShare) {
    AggregateFigure& figure = estimate.figure;
    if (!figure.value.value) return;
    figure.pMeaning = "drift of at most " + std::to_string(margin);
    if (isExactShare) {
        const auto n = static_cast<double>(figure.examples);
        const auto count = static_cast<std::uint64_t>(std::llround(*figure.value.value * n));
        figure.p = {binomialTail(count, figure.examples, margin), ""};
        return;
    }
    if (estimate.resampled.values.empty()) return;
    std::size_t within = 0;
    for (const double value : estimate.resampled.values)
        within += std::abs(driftOf(endpoint, value)) <= margin ? 1 : 0;
    figure.p = {
        static_cast<double>(1 + within) / static_cast<double>(1 + estimate.resampled.values.size()),
        ""};
}

}  // namespace driftlens
