#include "xai/coalitions/evaluator.h"

#include "core/base/error.h"
#include "core/base/statistics/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace driftlens::coalitions {

Evaluator::Evaluator(Game game, std::size_t batchSize, RunContext context)
    : m_game(std::move(game)), m_batchSize(batchSize), m_context(std::move(context)) {
    if (m_game.players == 0) throw Error(ErrorKind::Usage, "a game needs at least one player");
    if (m_game.targets == 0) throw Error(ErrorKind::Usage, "a game needs at least one target");
    if (m_batchSize == 0) throw Error(ErrorKind::Usage, "coalitions in a batch: 0, at least 1");
}

std::vector<Coalition> Evaluator::unseen(std::span<const Coalition> coalitions) const {
    std::vector<Coalition> out;
    std::unordered_set<Coalition, CoalitionHash> taken;
    for (const Coalition& coalition : coalitions) {
        if (!m_rows.contains(coalition) && taken.insert(coalition).second) out.push_back(coalition);
    }
    return out;
}

void Evaluator::scoreBatch(std::span<const Coalition> batch) {
    m_context.throwIfStopped();
    const std::vector<double> values = m_game.score(batch);
    if (values.size() != batch.size() * m_game.targets) {
        throw Error(ErrorKind::Internal, "a game gave " + std::to_string(values.size()) +
                                             " values for " + std::to_string(batch.size()) +
                                             " coalitions and " + std::to_string(m_game.targets) +
                                             " targets");
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isfinite(values[i])) continue;
        std::string bits;
        to_string(batch[i / m_game.targets], bits);
        std::reverse(bits.begin(), bits.end());
        throw Error(ErrorKind::Numeric, "the score of coalition " + bits + " (1 = kept) is " +
                                            std::to_string(values[i]) + ", not a finite number");
    }
    for (const Coalition& coalition : batch) m_rows.emplace(coalition, m_rows.size());
    m_values.insert(m_values.end(), values.begin(), values.end());
}

ScoreTable Evaluator::valuesOf(std::span<const Coalition> coalitions) {
    const std::vector<Coalition> fresh = unseen(coalitions);
    for (std::size_t begin = 0; begin < fresh.size(); begin += m_batchSize) {
        scoreBatch(std::span(fresh).subspan(begin, std::min(m_batchSize, fresh.size() - begin)));
    }
    ScoreTable out{targets(), {}};
    out.values.reserve(coalitions.size() * targets());
    for (const Coalition& coalition : coalitions) {
        const auto row =
            m_values.begin() + static_cast<std::ptrdiff_t>(m_rows.at(coalition) * targets());
        out.values.insert(out.values.end(), row, row + static_cast<std::ptrdiff_t>(targets()));
    }
    return out;
}

ScoreTable Tally::valuesOf(std::span<const Coalition> coalitions) {
    ScoreTable out = m_evaluator->valuesOf(coalitions);
    m_seen.insert(coalitions.begin(), coalitions.end());
    return out;
}

std::size_t Tally::wouldAdd(std::span<const Coalition> coalitions) const {
    std::unordered_set<Coalition, CoalitionHash> added;
    for (const Coalition& coalition : coalitions) {
        if (!m_seen.contains(coalition)) added.insert(coalition);
    }
    return added.size();
}

std::vector<PlayerValues> withEnds(Tally& tally, std::size_t players) {
    const ScoreTable ends =
        tally.valuesOf(std::vector{emptyCoalition(players), fullCoalition(players)});
    std::vector<PlayerValues> out(ends.targets);
    for (std::size_t target = 0; target < ends.targets; ++target) {
        out[target].empty = ends(0, target);
        out[target].full = ends(1, target);
    }
    return out;
}

void close(std::vector<PlayerValues>& results, const Tally& tally) {
    for (PlayerValues& result : results) {
        result.distinctEvaluations = tally.distinct();
        result.efficiencyGap =
            std::accumulate(result.values.begin(), result.values.end(), result.full - result.empty,
                            [](double gap, double value) { return gap - value; });
    }
}

void checkPlan(const SamplingPlan& plan, std::size_t players, std::size_t minimum,
               std::string_view method) {
    const std::size_t least = std::min(minimum, coalitionCount(players));
    if (plan.budget < least) {
        throw Error(ErrorKind::Usage, std::string(method) + ": a budget of " +
                                          std::to_string(plan.budget) + " evaluations for " +
                                          std::to_string(players) + " players, at least " +
                                          std::to_string(least) + " are needed");
    }
    if (!(plan.tolerance >= 0.0)) {
        throw Error(ErrorKind::Usage, std::string(method) + ": the tolerance " +
                                          std::to_string(plan.tolerance) + " is below 0");
    }
}

std::size_t coalitionCount(std::size_t players) {
    constexpr auto kBits = static_cast<std::size_t>(std::numeric_limits<std::size_t>::digits);
    return players < kBits ? std::size_t{1} << players : std::numeric_limits<std::size_t>::max();
}

double intervalScale(double freedom) {
    const double x = betaQuantile(0.5, 0.5 * freedom, 0.95);  // t² / (freedom + t²)
    return std::sqrt(freedom * x / (1.0 - x)) / normalQuantile(0.975);
}

double largestStandardError(std::span<const PlayerValues> results) {
    double out = 0.0;
    for (const PlayerValues& result : results) {
        for (const double error : result.standardErrors) out = std::max(out, error);
    }
    return out;
}

}  // namespace driftlens::coalitions
