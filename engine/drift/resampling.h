// Bootstraps of data whose rows are not exchangeable one by one. Both are percentile-ready: see
// core/base/statistics/bootstrap.h, whose rules for undefined statistics they keep.
#pragma once

#include "core/base/run_context.h"
#include "core/base/statistics/bootstrap.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace driftlens {

// Rows that depend on each other, as the two texts of a counterfactual pair: each element is the
// rows of one cluster, clusters by their first row. A row without an id is alone.
using Clusters = std::vector<std::vector<std::size_t>>;
Clusters clustersOf(std::span<const std::string> idOfRow);

// Resamples whole clusters. The statistic gets the rows of the chosen ones: their number varies
// where clusters differ in size. Of clusters of one row each it is bootstrap() to the bit.
Resampled clusterBootstrap(const Clusters& clusters, const Statistic& statistic,
                           const ResamplePlan& plan, const RunContext& context = {});

// The statistic without each cluster, for bcaInterval.
Resampled clusterJackknife(const Clusters& clusters, const Statistic& statistic,
                           const RunContext& context = {});

// Resamples the rows of each kind among themselves, so that every resample has as many positive
// rows: an AUROC of few positives stays defined. Throws Error(Usage) for no resamples.
Resampled stratifiedBootstrap(std::span<const std::uint8_t> isPositive, const Statistic& statistic,
                              const ResamplePlan& plan, const RunContext& context = {});

}  // namespace driftlens
