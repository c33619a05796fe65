#include "engine/drift/resampling.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <array>
#include <map>
#include <numeric>

namespace driftlens {
namespace {

// A statistic of rows as one of clusters.
Statistic overClusters(const Clusters& clusters, const Statistic& statistic) {
    return [&](std::span<const std::size_t> chosen) {
        std::vector<std::size_t> rows;
        for (const std::size_t cluster : chosen)
            rows.insert(rows.end(), clusters[cluster].begin(), clusters[cluster].end());
        return statistic(rows);
    };
}

}  // namespace

Clusters clustersOf(std::span<const std::string> idOfRow) {
    Clusters out;
    std::map<std::string, std::size_t> clusterOfId;
    for (std::size_t row = 0; row < idOfRow.size(); ++row) {
        if (idOfRow[row].empty()) {
            out.push_back({row});
            continue;
        }
        const auto [found, isNew] = clusterOfId.emplace(idOfRow[row], out.size());
        if (isNew) out.emplace_back();
        out[found->second].push_back(row);
    }
    return out;
}

Resampled clusterBootstrap(const Clusters& clusters, const Statistic& statistic,
                           const ResamplePlan& plan, const RunContext& context) {
    return bootstrap(clusters.size(), overClusters(clusters, statistic), plan, context);
}

Resampled clusterJackknife(const Clusters& clusters, const Statistic& statistic,
                           const RunContext& context) {
    return jackknife(clusters.size(), overClusters(clusters, statistic), context);
}

Resampled stratifiedBootstrap(std::span<const std::uint8_t> isPositive, const Statistic& statistic,
                              const ResamplePlan& plan, const RunContext& context) {
    std::array<std::vector<std::size_t>, 2> strata;
    for (std::size_t row = 0; row < isPositive.size(); ++row)
        strata[isPositive[row] != 0 ? 1 : 0].push_back(row);
    if (plan.resamples == 0) throw Error(ErrorKind::Usage, "bootstrap: no resamples");
    std::vector<std::size_t> rows(isPositive.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    Resampled out;
    out.estimate = statistic(rows);
    out.reason = out.estimate.reason;
    for (std::size_t r = 0; r < plan.resamples && out.reason.empty(); ++r) {
        context.throwIfStopped();
        RandomStream stream(plan.seed, plan.stream, r);
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const std::vector<std::size_t>& stratum = strata[isPositive[row] != 0 ? 1 : 0];
            rows[row] = stratum[static_cast<std::size_t>(stream.below(stratum.size()))];
        }
        const Figure figure = statistic(rows);
        if (!figure.value) return {out.estimate, {}, figure.reason};
        out.values.push_back(*figure.value);
    }
    return out;
}

}  // namespace driftlens
