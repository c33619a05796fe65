#include "xai/coalitions/permutation.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace driftlens::coalitions {
namespace {

constexpr std::size_t kOrdersAtOnce = 8;

// The coalitions that an order passes, from the empty to the full one.
void addChain(std::vector<Coalition>& out, const Order& order) {
    Coalition coalition = emptyCoalition(order.size());
    out.push_back(coalition);
    for (const std::size_t player : order) out.push_back(coalition.set(player));
}

std::vector<double> contributionsOf(Tally& tally, std::span<const Order> orders) {
    std::vector<Coalition> chains;
    for (const Order& order : orders) addChain(chains, order);
    const ScoreTable scores = tally.valuesOf(chains);
    std::vector<double> out;
    std::size_t row = 0;
    for (const Order& order : orders) {
        for (std::size_t target = 0; target < scores.targets; ++target) {
            std::vector<double> gains(order.size());
            for (std::size_t i = 0; i < order.size(); ++i) {
                gains[order[i]] = scores(row + i + 1, target) - scores(row + i, target);
            }
            out.insert(out.end(), gains.begin(), gains.end());
        }
        row += order.size() + 1;
    }
    return out;
}

// Orders with their reverses behind them, if wanted.
std::vector<Order> withReverses(std::span<const Order> orders, bool isAntithetic) {
    std::vector<Order> out;
    for (const Order& order : orders) {
        out.push_back(order);
        if (isAntithetic) out.emplace_back(order.rbegin(), order.rend());
    }
    return out;
}

// Running mean and scatter of the contributions of orders or pairs (Welford 1962).
class Means {
public:
    Means(Tally& tally, bool isAntithetic, std::size_t entries)
        : m_tally(&tally), m_isAntithetic(isAntithetic), m_mean(entries), m_scatter(entries) {}

    void add(std::span<const Order> orders) {
        const std::vector<double> gains =
            contributionsOf(*m_tally, withReverses(orders, m_isAntithetic));
        const std::size_t entries = m_mean.size();
        const std::size_t perDraw = m_isAntithetic ? 2 : 1;
        for (std::size_t draw = 0; draw < orders.size(); ++draw) {
            m_draws += 1.0;
            for (std::size_t i = 0; i < entries; ++i) {
                const std::size_t first = draw * perDraw * entries + i;
                const double gain =
                    m_isAntithetic ? 0.5 * (gains[first] + gains[first + entries]) : gains[first];
                const double before = gain - m_mean[i];
                m_mean[i] += before / m_draws;
                m_scatter[i] += before * (gain - m_mean[i]);
            }
        }
    }

    std::vector<PlayerValues> results(std::size_t players) const {
        std::vector<PlayerValues> out = withEnds(*m_tally, players);
        const double scale =
            m_draws < 2.0 ? 0.0 : intervalScale(m_draws - 1.0) / std::sqrt(m_draws);
        for (std::size_t i = 0; i < m_mean.size(); ++i) {
            PlayerValues& result = out[i / players];
            result.values.push_back(m_mean[i]);
            if (m_draws < 2.0) continue;
            result.standardErrors.push_back(scale * std::sqrt(m_scatter[i] / (m_draws - 1.0)));
        }
        close(out, *m_tally);
        return out;
    }

private:
    Tally* m_tally;
    bool m_isAntithetic;
    double m_draws = 0.0;
    std::vector<double> m_mean;  // [targets, players]
    std::vector<double> m_scatter;
};

// The next orders, at most kOrdersAtOnce of them, whose new coalitions the budget allows.
std::vector<Order> nextOrders(const Tally& tally, std::size_t players, const SamplingPlan& plan,
                              bool isAntithetic, std::size_t drawn) {
    std::vector<Order> out;
    std::vector<Coalition> coalitions = {emptyCoalition(players), fullCoalition(players)};
    while (out.size() < kOrdersAtOnce && drawn + out.size() < plan.budget) {
        RandomStream stream(plan.seed, "permutations", drawn + out.size());
        const Order order = drawOrder(players, stream);
        for (const Order& each : withReverses(std::span(&order, 1), isAntithetic)) {
            addChain(coalitions, each);
        }
        if (tally.distinct() + tally.wouldAdd(coalitions) > plan.budget) break;
        out.push_back(order);
    }
    return out;
}

}  // namespace

void checkOrder(const Order& order, std::size_t players) {
    Coalition seen = emptyCoalition(players);
    for (const std::size_t player : order) {
        if (player < players) seen.set(player);
    }
    if (order.size() != players || !seen.all()) {
        throw Error(ErrorKind::Usage, "an order of " + std::to_string(order.size()) +
                                          " entries is no permutation of " +
                                          std::to_string(players) + " players");
    }
}

std::vector<double> marginalContributions(Evaluator& evaluator, std::span<const Order> orders) {
    for (const Order& order : orders) checkOrder(order, evaluator.players());
    Tally tally(evaluator);
    return contributionsOf(tally, orders);
}

std::vector<PlayerValues> permutationValues(Evaluator& evaluator, std::span<const Order> orders,
                                            bool isAntithetic) {
    if (orders.empty()) throw Error(ErrorKind::Usage, "permutation values need at least one order");
    for (const Order& order : orders) checkOrder(order, evaluator.players());
    Tally tally(evaluator);
    Means means(tally, isAntithetic, evaluator.targets() * evaluator.players());
    means.add(orders);
    return means.results(evaluator.players());
}

std::vector<PlayerValues> samplePermutations(Evaluator& evaluator, const SamplingPlan& plan,
                                             bool isAntithetic) {
    const std::size_t players = evaluator.players();
    checkPlan(plan, players, isAntithetic ? 4 * players - 2 : 2 * players, "permutation");
    Tally tally(evaluator);
    Means means(tally, isAntithetic, evaluator.targets() * players);
    std::size_t drawn = 0;
    for (;;) {
        const std::vector<Order> orders = nextOrders(tally, players, plan, isAntithetic, drawn);
        means.add(orders);
        drawn += orders.size();
        std::vector<PlayerValues> out = means.results(players);
        const bool isPrecise = plan.tolerance > 0.0 && largestStandardError(out) <= plan.tolerance;
        if (isPrecise || orders.size() < kOrdersAtOnce) return out;
    }
}

}  // namespace driftlens::coalitions
