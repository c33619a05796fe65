#include "xai/coalitions/exact.h"

#include "core/base/error.h"

#include <bit>
#include <string>

namespace driftlens::coalitions {
namespace {

// The value of every coalition: row k is the coalition whose bits are those of k.
ScoreTable everyValue(Tally& tally, std::size_t players) {
    if (players > kMostExactPlayers) {
        throw Error(ErrorKind::Usage, "exact values: " + std::to_string(players) +
                                          " players, at most " + std::to_string(kMostExactPlayers) +
                                          "; group them or use a sampled estimator");
    }
    std::vector<Coalition> all;
    all.reserve(coalitionCount(players));
    for (std::size_t k = 0; k < coalitionCount(players); ++k) all.emplace_back(players, k);
    return tally.valuesOf(all);
}

std::size_t sizeOf(std::size_t bits) {
    return static_cast<std::size_t>(std::popcount(bits));
}

// Σ over coalitions S without the player of weight[|S|] · (v(S ∪ player) − v(S)).
double weightedContribution(const ScoreTable& table, std::size_t target, std::size_t player,
                            std::span<const double> weightOfSize) {
    const std::size_t bit = std::size_t{1} << player;
    double sum = 0.0;
    for (std::size_t k = 0; k < table.rows(); ++k) {
        if ((k & bit) != 0) continue;
        sum += weightOfSize[sizeOf(k)] * (table(k | bit, target) - table(k, target));
    }
    return sum;
}

// Σ over coalitions S without both of weight[|S|] · (v(S∪ij) − v(S∪i) − v(S∪j) + v(S)).
double weightedInteraction(const ScoreTable& table, std::size_t target, std::size_t bits,
                           std::span<const double> weightOfSize) {
    const std::size_t first = bits & (~bits + 1);
    const std::size_t second = bits ^ first;
    double sum = 0.0;
    for (std::size_t k = 0; k < table.rows(); ++k) {
        if ((k & bits) != 0) continue;
        sum += weightOfSize[sizeOf(k)] * (table(k | bits, target) - table(k | first, target) -
                                          table(k | second, target) + table(k, target));
    }
    return sum;
}

// 1 / (n · C(n − 1, size)): the chance that exactly these come before a player in a random order.
std::vector<double> orderWeights(std::size_t n) {
    std::vector<double> out;
    for (std::size_t size = 0; size < n; ++size) {
        out.push_back(1.0 / (static_cast<double>(n) * binomial(n - 1, size)));
    }
    return out;
}

std::vector<PlayerValues> contributions(Evaluator& evaluator,
                                        std::span<const double> weightOfSize) {
    Tally tally(evaluator);
    const ScoreTable table = everyValue(tally, evaluator.players());
    std::vector<PlayerValues> out = withEnds(tally, evaluator.players());
    for (std::size_t target = 0; target < evaluator.targets(); ++target) {
        for (std::size_t player = 0; player < evaluator.players(); ++player) {
            out[target].values.push_back(weightedContribution(table, target, player, weightOfSize));
        }
    }
    close(out, tally);
    return out;
}

}  // namespace

std::vector<PlayerValues> exactShapley(Evaluator& evaluator) {
    return contributions(evaluator, orderWeights(evaluator.players()));
}

std::vector<PlayerValues> exactBanzhaf(Evaluator& evaluator) {
    const double half = 1.0 / static_cast<double>(coalitionCount(evaluator.players() - 1));
    return contributions(evaluator, std::vector<double>(evaluator.players(), half));
}

std::vector<std::vector<double>> exactShapleyInteractions(Evaluator& evaluator) {
    const std::size_t players = evaluator.players();
    Tally tally(evaluator);
    const ScoreTable table = everyValue(tally, players);
    const std::vector<double> weights = orderWeights(players - 1);
    std::vector<std::vector<double>> out(evaluator.targets(),
                                         std::vector<double>(players * players, 0.0));
    for (std::size_t target = 0; target < evaluator.targets(); ++target) {
        for (std::size_t i = 0; i < players; ++i) {
            for (std::size_t j = i + 1; j < players; ++j) {
                const std::size_t bits = (std::size_t{1} << i) | (std::size_t{1} << j);
                const double value = weightedInteraction(table, target, bits, weights);
                out[target][i * players + j] = value;
                out[target][j * players + i] = value;
            }
        }
    }
    return out;
}

}  // namespace driftlens::coalitions
