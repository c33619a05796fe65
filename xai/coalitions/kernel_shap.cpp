#include "xai/coalitions/kernel_shap.h"

#include "core/base/error.h"
#include "xai/coalitions/regression.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>

namespace driftlens::coalitions {
namespace {

constexpr double kEndWeight = 1e6;  // captum's
constexpr std::size_t kDrawsPerRow = 4;

double asDouble(std::size_t n) {
    return static_cast<double>(n);
}

// An index with probability in proportion to the weights.
std::size_t drawIndex(std::span<const double> weights, RandomStream& stream) {
    double left = stream.uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
    std::size_t i = 0;
    while (i + 1 < weights.size() && left >= weights[i]) left -= weights[i++];
    return i;
}

// The sizes 1 … ⌈(players − 1) / 2⌉, each with its complement's size but the middle one.
struct PairedSizes {
    explicit PairedSizes(std::size_t playerCount)
        : players(playerCount), paired((playerCount - 1) / 2), weights(playerCount / 2) {
        for (std::size_t size = 1; size <= weights.size(); ++size) {
            weights[size - 1] =
                (isPaired(size) ? 2.0 : 1.0) / (asDouble(size) * asDouble(players - size));
        }
        const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
        for (double& weight : weights) weight /= total;
    }

    bool isPaired(std::size_t size) const { return size <= paired; }
    double coalitionsOf(std::size_t size) const {
        return binomial(players, size) * (isPaired(size) ? 2.0 : 1.0);
    }

    std::size_t players;
    std::size_t paired;
    std::vector<double> weights;  // share of the kernel by size − 1, both sizes of a pair together
};

void addRow(CoalitionSample& sample, Coalition coalition, double weight) {
    sample.coalitions.push_back(std::move(coalition));
    sample.weights.push_back(weight);
}

void enumerateSize(CoalitionSample& sample, const PairedSizes& sizes, std::size_t size) {
    const double weight = sizes.weights[size - 1] / sizes.coalitionsOf(size);
    for (const Coalition& coalition : coalitionsOfSize(sizes.players, size)) {
        addRow(sample, coalition, weight);
        if (sizes.isPaired(size)) addRow(sample, complementOf(coalition), weight);
    }
}

// Enumerates the sizes that the rows cover; how many.
std::size_t enumerateSizes(CoalitionSample& sample, const PairedSizes& sizes, std::size_t rows) {
    constexpr double kSlack = 1e-8;  // shap's
    double left = asDouble(rows);
    double share = 1.0;  // of the sizes not enumerated
    for (std::size_t size = 1; size <= sizes.weights.size(); ++size) {
        const double weight = sizes.weights[size - 1];
        const double count = sizes.coalitionsOf(size);
        const bool isLast = size == sizes.weights.size();
        if (left * (isLast ? 1.0 : weight / share) < count * (1.0 - kSlack)) return size - 1;
        enumerateSize(sample, sizes, size);
        left -= count;
        share -= weight;
    }
    return sizes.weights.size();
}

// Draws coalitions of the sizes above `enumerated` until there are `rows`. Draw j of a size is the
// same whatever the number of rows.
class KernelDraws {
public:
    KernelDraws(const PairedSizes& sizes, std::size_t enumerated, std::uint64_t seed)
        : m_sizes(sizes), m_enumerated(enumerated), m_order(seed, "kernel_shap/sizes") {
        for (std::size_t size = enumerated + 1; size <= sizes.weights.size(); ++size) {
            m_shares.push_back(sizes.weights[size - 1] / (sizes.isPaired(size) ? 2.0 : 1.0));
            m_streams.emplace_back(seed, "kernel_shap/coalitions", size);
        }
    }

    void fill(CoalitionSample& sample, std::size_t rows) {
        const std::size_t firstDrawn = sample.coalitions.size();
        const std::size_t draws = kDrawsPerRow * (rows - firstDrawn);
        for (std::size_t i = 0; i < draws && sample.coalitions.size() < rows; ++i) {
            addDraw(sample, rows);
        }
        weigh(sample, firstDrawn);
    }

private:
    void addDraw(CoalitionSample& sample, std::size_t rows) {
        const std::size_t index = drawIndex(m_shares, m_order);
        const std::size_t size = m_enumerated + 1 + index;
        Coalition coalition = drawCoalition(m_sizes.players, size, m_streams[index]);
        const auto [unit, isNew] = m_unitOf.try_emplace(coalition, sample.units.size());
        if (!isNew) {
            sample.units[unit->second].times += 1.0;
            return;
        }
        const std::size_t first = sample.coalitions.size();
        const bool withComplement = m_sizes.isPaired(size) && first + 1 < rows;
        sample.units.push_back({first, withComplement ? std::size_t{2} : std::size_t{1}, 1.0, 0});
        addRow(sample, coalition, 0.0);
        if (withComplement) addRow(sample, complementOf(std::move(coalition)), 0.0);
    }

    // The drawn rows share what the enumerated sizes leave of the kernel.
    void weigh(CoalitionSample& sample, std::size_t firstDrawn) const {
        for (const DrawnUnit& unit : sample.units) {
            std::fill_n(sample.weights.begin() + static_cast<std::ptrdiff_t>(unit.first), unit.rows,
                        unit.times);
        }
        const auto drawn = sample.weights.begin() + static_cast<std::ptrdiff_t>(firstDrawn);
        const double left =
            std::accumulate(m_sizes.weights.begin() + static_cast<std::ptrdiff_t>(m_enumerated),
                            m_sizes.weights.end(), 0.0);
        const double scale = left / std::accumulate(drawn, sample.weights.end(), 0.0);
        std::for_each(drawn, sample.weights.end(), [scale](double& w) { w *= scale; });
    }

    const PairedSizes& m_sizes;
    std::size_t m_enumerated;
    std::vector<double> m_shares;
    RandomStream m_order;
    std::vector<RandomStream> m_streams;  // one per size
    std::unordered_map<Coalition, std::size_t, CoalitionHash> m_unitOf;
};

void checkSamples(std::size_t players, std::size_t samples) {
    if (players < 2 || samples < 2 * players + 2) {
        throw Error(ErrorKind::Usage, "captum_kernel_shap: " + std::to_string(samples) +
                                          " samples of " + std::to_string(players) +
                                          " players, at least 2 players and 2 samples per player "
                                          "beside the 2 ends are needed");
    }
}

// The drawn rows alone, each a unit of its own.
CoalitionSample withoutEnds(const CoalitionSample& sample) {
    CoalitionSample out;
    out.coalitions.assign(sample.coalitions.begin() + 2, sample.coalitions.end());
    out.weights.assign(sample.weights.begin() + 2, sample.weights.end());
    for (std::size_t row = 0; row < out.coalitions.size(); ++row) out.units.push_back({row});
    out.missedOfStratum = {1.0};
    return out;
}

}  // namespace

CoalitionSample drawKernelShap(std::size_t players, std::size_t rows, std::uint64_t seed) {
    CoalitionSample sample;
    if (players == 1) return sample;
    const PairedSizes sizes(players);
    const bool isEverything = rows >= coalitionCount(players) - 2;
    if (isEverything) {
        for (std::size_t size = 1; size <= sizes.weights.size(); ++size) {
            enumerateSize(sample, sizes, size);
        }
        return sample;
    }
    const std::size_t enumerated = enumerateSizes(sample, sizes, rows);
    KernelDraws(sizes, enumerated, seed).fill(sample, rows);
    sample.missedOfStratum = {1.0};
    return sample;
}

std::vector<PlayerValues> kernelShap(Evaluator& evaluator, const SamplingPlan& plan) {
    const std::size_t players = evaluator.players();
    const std::size_t least = 4 * players;
    checkPlan(plan, players, least + 2, "kernel_shap");
    return estimateUntil(evaluator, plan, least, [&](std::size_t rows) {
        return drawKernelShap(players, rows, plan.seed);
    });
}

CoalitionSample drawCaptumKernelShap(std::size_t players, std::size_t rows, std::uint64_t seed) {
    CoalitionSample sample;
    addRow(sample, fullCoalition(players), kEndWeight);
    addRow(sample, emptyCoalition(players), kEndWeight);
    std::vector<double> shares;
    for (std::size_t size = 1; size < players; ++size) {
        shares.push_back(1.0 / (asDouble(size) * asDouble(players - size)));
    }
    RandomStream stream(seed, "captum_kernel_shap");
    while (sample.coalitions.size() < rows) {
        const std::size_t size = 1 + drawIndex(shares, stream);
        addRow(sample, drawCoalition(players, size, stream), 1.0);
    }
    return sample;
}

std::vector<std::vector<double>> fitCaptumKernelShap(std::span<const Coalition> coalitions,
                                                     std::span<const double> weights,
                                                     const ScoreTable& outputs) {
    Regression data;
    data.x = membership(coalitions);
    data.weights = Eigen::Map<const Eigen::VectorXd>(weights.data(), data.x.rows());
    std::vector<std::vector<double>> out;
    for (std::size_t target = 0; target < outputs.targets; ++target) {
        data.y.resize(data.x.rows());
        for (Eigen::Index row = 0; row < data.y.size(); ++row) {
            data.y[row] = outputs(static_cast<std::size_t>(row), target);
        }
        const LinearFit fit = ridge(data, 0.0);
        out.emplace_back(fit.coefficients.begin(), fit.coefficients.end());
    }
    return out;
}

std::vector<PlayerValues> captumKernelShap(Evaluator& evaluator, const SamplingPlan& plan) {
    const std::size_t players = evaluator.players();
    checkSamples(players, plan.budget);
    const CoalitionSample drawn = drawCaptumKernelShap(players, plan.budget, plan.seed);
    Tally tally(evaluator);
    const ScoreTable outputs = tally.valuesOf(drawn.coalitions);
    // Ends of such weight are as good as constraints: the errors are those of the constrained fit.
    std::vector<PlayerValues> out = estimateFrom(tally, players, withoutEnds(drawn));
    const auto values = fitCaptumKernelShap(drawn.coalitions, drawn.weights, outputs);
    for (std::size_t target = 0; target < out.size(); ++target) out[target].values = values[target];
    close(out, tally);
    return out;
}

}  // namespace driftlens::coalitions
