#include "xai/coalitions/leverage_shap.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>
#include <utility>

namespace driftlens::coalitions {
namespace {

double asDouble(std::size_t n) {
    return static_cast<double>(n);
}

// The pairs of one size and its complement's.
struct Stratum {
    std::size_t size = 0;
    bool isMiddle = false;  // the complements have the same size
    double pairs = 0.0;     // that there are
    double share = 0.0;     // of the sample, among the shares of all
    std::size_t taken = 0;  // pairs of the sample
};

std::vector<Stratum> strataOf(std::size_t players) {
    std::vector<Stratum> out;
    for (std::size_t size = 1; 2 * size <= players; ++size) {
        const bool isMiddle = 2 * size == players;
        const double coalitions = binomial(players, size);
        out.push_back(
            {size, isMiddle, isMiddle ? coalitions / 2.0 : coalitions, isMiddle ? 1.0 : 2.0, 0});
    }
    return out;
}

// The number c with Σ min(pairs, c · share) = `wanted`, which is at most all pairs.
double levelFor(std::span<const Stratum> strata, double wanted) {
    std::vector<Stratum> byFullness(strata.begin(), strata.end());
    std::sort(byFullness.begin(), byFullness.end(), [](const Stratum& a, const Stratum& b) {
        return a.pairs * b.share < b.pairs * a.share;
    });
    double left = wanted;
    double shares = std::accumulate(strata.begin(), strata.end(), 0.0,
                                    [](double sum, const Stratum& s) { return sum + s.share; });
    for (const Stratum& stratum : byFullness) {
        if (left * stratum.share <= stratum.pairs * shares) break;
        left -= stratum.pairs;
        shares -= stratum.share;
    }
    return shares > 0.0 ? left / shares : 0.0;
}

// Whole numbers of pairs that add up to `pairs`: the largest fractions are rounded up.
void allocate(std::vector<Stratum>& strata, std::size_t pairs) {
    const double level = levelFor(strata, asDouble(pairs));
    std::vector<std::pair<double, Stratum*>> fractions;
    std::size_t left = pairs;
    for (Stratum& stratum : strata) {
        const double wanted =
            level > 0.0 ? std::min(stratum.pairs, level * stratum.share) : stratum.pairs;
        stratum.taken = static_cast<std::size_t>(std::floor(wanted));
        left -= std::min(left, stratum.taken);
        if (asDouble(stratum.taken) < stratum.pairs) {
            fractions.emplace_back(asDouble(stratum.taken) - wanted, &stratum);
        }
    }
    std::stable_sort(fractions.begin(), fractions.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < std::min(left, fractions.size()); ++i) ++fractions[i].second->taken;
}

// The stratum's first pairs in the order of its own stream: more rows keep what fewer had.
std::vector<Coalition> drawPairs(std::size_t players, const Stratum& stratum, std::uint64_t seed) {
    RandomStream stream(seed, "leverage_shap", stratum.size);
    std::unordered_set<Coalition, CoalitionHash> seen;
    std::vector<Coalition> out;
    while (out.size() < stratum.taken) {
        Coalition coalition = drawCoalition(players, stratum.size, stream);
        if (stratum.isMiddle && !coalition.test(0)) coalition.flip();
        if (seen.insert(coalition).second) out.push_back(std::move(coalition));
    }
    return out;
}

void addPairs(CoalitionSample& sample, const Stratum& stratum, std::span<const Coalition> pairs,
              double weight) {
    for (const Coalition& coalition : pairs) {
        sample.units.push_back({sample.coalitions.size(), 2, 1.0, sample.missedOfStratum.size()});
        sample.coalitions.push_back(coalition);
        sample.coalitions.push_back(complementOf(coalition));
        sample.weights.insert(sample.weights.end(), 2, weight);
    }
    sample.missedOfStratum.push_back(1.0 - asDouble(stratum.taken) / stratum.pairs);
}

}  // namespace

double leverageWeight(std::size_t players, std::size_t size) {
    return 1.0 / (asDouble(size) * asDouble(players - size));
}

CoalitionSample drawLeverage(std::size_t players, std::size_t rows, std::uint64_t seed) {
    CoalitionSample sample;
    std::vector<Stratum> strata = strataOf(players);
    allocate(strata, rows / 2);
    double shares = 0.0;
    std::size_t taken = 0;
    for (const Stratum& stratum : strata) {
        shares += stratum.share;
        taken += stratum.taken;
    }
    for (const Stratum& stratum : strata) {
        const double even = asDouble(taken) * stratum.share / shares;  // had no size run out
        addPairs(sample, stratum, drawPairs(players, stratum, seed),
                 leverageWeight(players, stratum.size) * even / asDouble(stratum.taken));
    }
    const bool isEverything =
        std::all_of(sample.missedOfStratum.begin(), sample.missedOfStratum.end(),
                    [](double missed) { return missed == 0.0; });
    if (isEverything) {
        sample.units.clear();
        sample.missedOfStratum.clear();
    }
    return sample;
}

std::vector<PlayerValues> leverageShap(Evaluator& evaluator, const SamplingPlan& plan) {
    const std::size_t players = evaluator.players();
    const std::size_t least = 4 * players;
    checkPlan(plan, players, least + 2, "leverage_shap");
    return estimateUntil(evaluator, plan, least,
                         [&](std::size_t rows) { return drawLeverage(players, rows, plan.seed); });
}

}  // namespace driftlens::coalitions
