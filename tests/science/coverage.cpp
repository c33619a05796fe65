// How often intervals of 95 % hold the truth, on skewed drifts.
#include "core/base/random.h"
#include "engine/dataset/estimate.h"
#include "tests/science/runs.h"

#include <algorithm>
#include <cmath>

namespace driftlens::science {
namespace {

constexpr std::uint64_t kRepeats = 2000;
constexpr std::size_t kPerCluster = 4;

bool covers(const Interval& interval, double truth) {
    return interval.value && interval.value->low <= truth && truth <= interval.value->high;
}

void addMean(const Population& population, std::size_t n, Bound bound, Claims& claims) {
    std::uint64_t covered = 0;
    for (std::uint64_t repeat = 0; repeat < kRepeats; ++repeat) {
        RandomStream random(13, "coverage/" + population.name + std::to_string(n), repeat);
        Column column;
        for (const double drift : sampleOf(population.drifts, n, random))
            column.add({drift, ""}, "");
        covered +=
            covers(meanEstimate(column, repeat, {}).figure.interval, population.mean) ? 1 : 0;
    }
    claims.add(
        {"coverage",
         "bias-corrected bootstrap of a mean, n = " + std::to_string(n) + ": " + population.name,
         bound, 0.95, covered, kRepeats, ""});
}

// Rows of a cluster share a skewed factor: exp of a normal of deviation 0.5.
void addClusters(std::size_t clusters, Bound bound, Claims& claims) {
    std::uint64_t covered = 0, byRows = 0;
    const double truth = std::exp(0.125) * std::exp(0.125);
    for (std::uint64_t repeat = 0; repeat < kRepeats; ++repeat) {
        RandomStream random(17, "clusters", repeat * 1000 + clusters);
        Column column, rows;
        for (std::size_t c = 0; c < clusters; ++c) {
            const double shared = std::exp(0.5 * random.normal());
            for (std::size_t i = 0; i < kPerCluster; ++i) {
                const Figure drift{shared * std::exp(0.5 * random.normal()), ""};
                column.add(drift, std::to_string(c));
                rows.add(drift, "");
            }
        }
        covered += covers(meanEstimate(column, repeat, {}).figure.interval, truth) ? 1 : 0;
        byRows += covers(meanEstimate(rows, repeat, {}).figure.interval, truth) ? 1 : 0;
    }
    const std::string what = std::to_string(clusters) + " clusters of 4 rows, lognormal";
    claims.add({"coverage", "cluster bootstrap, " + what, bound, 0.95, covered, kRepeats, ""});
    claims.add({"coverage", "rows taken for independent, " + what, Bound::Shown, 0.95, byRows,
                kRepeats, "what naming the clusters mends"});
}

void addShare(double rate, std::size_t n, Claims& claims) {
    std::uint64_t covered = 0;
    for (std::uint64_t repeat = 0; repeat < kRepeats; ++repeat) {
        RandomStream random(19, "shares" + std::to_string(n), repeat);
        Column column;
        for (std::size_t i = 0; i < n; ++i)
            column.add({random.uniform() < rate ? 1.0 : 0.0, ""}, "");
        covered += covers(shareEstimate(column, repeat, {}).figure.interval, rate) ? 1 : 0;
    }
    char what[96];
    std::snprintf(what, sizeof what, "Clopper and Pearson, a flip rate of %.2f, n = %zu", rate, n);
    claims.add({"coverage", what, Bound::NotBelow, 0.95, covered, kRepeats, "exact: never below"});
}

}  // namespace

void addCoverage(const std::vector<Population>& populations, Claims& claims) {
    for (const Population& each : populations) {
        for (const std::size_t n : {20U, 50U}) addMean(each, n, Bound::Shown, claims);
        for (const std::size_t n : {200U, 500U}) addMean(each, n, Bound::Equals, claims);
    }
    for (const std::size_t clusters : {10U, 30U}) addClusters(clusters, Bound::Shown, claims);
    addClusters(200, Bound::Equals, claims);
    for (const double rate : {0.01, 0.05, 0.3})
        for (const std::size_t n : {50U, 200U}) addShare(rate, n, claims);
}

}  // namespace driftlens::science
