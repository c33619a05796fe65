// The axioms of Shapley 1953, and what every estimator promises besides, row by row.
#include "tests/xai/coalitions/estimators.h"
#include "xai/coalitions/exact.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace driftlens::coalitions {
namespace {

constexpr SamplingPlan kPlan = {150, 5, 0.0};
constexpr double kRounding = 1e-12;

class EveryEstimator : public testing::TestWithParam<EstimatorRow> {
protected:
    static std::vector<PlayerValues> estimate(const Game& game, const SamplingPlan& plan = kPlan,
                                              std::size_t batchSize = 64) {
        Evaluator evaluator(game, batchSize);
        return GetParam().estimate(evaluator, plan);
    }
};
INSTANTIATE_TEST_SUITE_P(Rows, EveryEstimator, testing::ValuesIn(estimators()),
                         [](const auto& row) { return row.param.name; });

// Two games and a combination of them as three targets of one set of coalitions.
Game combined(const Game& a, const Game& b, double ofA, double ofB) {
    return {a.players, 3, [=](std::span<const Coalition> coalitions) {
                const std::vector<double> first = a.score(coalitions);
                const std::vector<double> second = b.score(coalitions);
                std::vector<double> out;
                for (std::size_t i = 0; i < coalitions.size(); ++i) {
                    out.insert(out.end(), {first[i], second[i], ofA * first[i] + ofB * second[i]});
                }
                return out;
            }};
}

// Players 3 and 4 are interchangeable; player 5 adds 0.25 to whatever is there.
Game symmetricGame() {
    const Game base = polynomialGame(8, {{{0}, 1.0},
                                         {{3}, 0.5},
                                         {{4}, 0.5},
                                         {{3, 4}, 0.7},
                                         {{0, 3}, -0.4},
                                         {{0, 4}, -0.4},
                                         {{1, 2, 6}, 1.2},
                                         {{3, 6, 7}, 0.3},
                                         {{4, 6, 7}, 0.3}});
    return {8, 1, [base](std::span<const Coalition> coalitions) {
                std::vector<double> out = base.score(coalitions);
                for (std::size_t i = 0; i < out.size(); ++i) {
                    out[i] = std::tanh(out[i]) + (coalitions[i].test(5) ? 0.25 : 0.0);
                }
                return out;
            }};
}

// What chance may do to a player: five standard errors, rounding for deterministic rows.
double allowance(const PlayerValues& result, std::size_t player) {
    return kRounding + (result.standardErrors.empty() ? 0.0 : 5.0 * result.standardErrors[player]);
}

TEST_P(EveryEstimator, ValuesSumToTheDifferenceOfTheEnds) {
    const Game game = randomGame(9, 1);
    const PlayerValues result = estimate(game)[0];
    const std::vector<double> ends = game.score(std::vector{emptyCoalition(9), fullCoalition(9)});
    EXPECT_EQ(result.empty, ends[0]);
    EXPECT_EQ(result.full, ends[1]);
    const double sum = std::accumulate(result.values.begin(), result.values.end(), 0.0);
    EXPECT_NEAR(result.efficiencyGap, ends[1] - ends[0] - sum, kRounding);
    EXPECT_LE(std::abs(result.efficiencyGap), GetParam().largestGap);
}

TEST_P(EveryEstimator, InterchangeablePlayersGetTheSame) {
    const PlayerValues result = estimate(symmetricGame())[0];
    const double difference = std::abs(result.values[3] - result.values[4]);
    if (GetParam().isSymmetric) {
        EXPECT_LE(difference, allowance(result, 3) + allowance(result, 4));
    } else {
        EXPECT_GT(difference, kRounding);  // the hierarchy tells them apart
    }
}

TEST_P(EveryEstimator, APlayerWhoAddsTheSameToEveryoneGetsThat) {
    const PlayerValues result = estimate(symmetricGame())[0];
    EXPECT_NEAR(result.values[5], 0.25, allowance(result, 5));
}

TEST_P(EveryEstimator, CombinationsOfGamesGetCombinationsOfValues) {
    const std::vector<PlayerValues> results =
        estimate(combined(randomGame(9, 1), randomGame(9, 2), 2.0, -0.5));
    ASSERT_EQ(results.size(), 3U);
    for (std::size_t i = 0; i < 9; ++i) {
        EXPECT_NEAR(results[2].values[i], 2.0 * results[0].values[i] - 0.5 * results[1].values[i],
                    kRounding);
    }
}

TEST_P(EveryEstimator, TargetsGetWhatTheyWouldGetAlone) {
    const Game a = randomGame(9, 1);
    const Game b = randomGame(9, 2);
    const std::vector<PlayerValues> together = estimate(combined(a, b, 1.0, 1.0));
    EXPECT_LE(largestDifference(together[0].values, estimate(a)[0].values), kRounding);
    EXPECT_LE(largestDifference(together[1].values, estimate(b)[0].values), kRounding);
    EXPECT_LE(largestDifference(together[1].standardErrors, estimate(b)[0].standardErrors),
              kRounding);
}

TEST_P(EveryEstimator, AdditiveGamesAreExactWithoutError) {
    const PlayerValues result =
        estimate(polynomialGame(8, {{{0}, 1.5}, {{1}, -0.5}, {{3}, 0.25}, {{7}, 2.0}}))[0];
    EXPECT_LE(largestDifference(result.values, {1.5, -0.5, 0.0, 0.25, 0.0, 0.0, 0.0, 2.0}),
              GetParam().largestGap);
    for (const double error : result.standardErrors) EXPECT_LE(error, 1e-9);
}

TEST_P(EveryEstimator, DoesNotDependOnTheBatchSizeOrOnWhatIsKnown) {
    const Game game = randomGame(9, 4);
    const PlayerValues result = estimate(game)[0];
    for (const std::size_t batchSize : {1, 7, 1000}) {
        const PlayerValues other = estimate(game, kPlan, batchSize)[0];
        EXPECT_EQ(other.values, result.values) << batchSize;
        EXPECT_EQ(other.standardErrors, result.standardErrors) << batchSize;
    }
    Evaluator evaluator(game);
    exactShapley(evaluator);
    const PlayerValues known = GetParam().estimate(evaluator, kPlan)[0];
    EXPECT_EQ(known.values, result.values);
    EXPECT_EQ(known.distinctEvaluations, result.distinctEvaluations);
}

TEST_P(EveryEstimator, TheSeedDecides) {
    const Game game = randomGame(9, 4);
    const PlayerValues first = estimate(game, {150, 1, 0.0})[0];
    EXPECT_EQ(first.values, estimate(game, {150, 1, 0.0})[0].values);
    EXPECT_EQ(first.values != estimate(game, {150, 2, 0.0})[0].values, GetParam().isSampled);
    EXPECT_EQ(first.standardErrors.empty(), !GetParam().isSampled);
}

TEST_P(EveryEstimator, CountsDistinctEvaluationsWithinTheBudget) {
    for (const std::size_t budget : {150, 333}) {
        Evaluator evaluator(randomGame(9, 4));
        const PlayerValues result = GetParam().estimate(evaluator, {budget, 3, 0.0})[0];
        EXPECT_EQ(result.distinctEvaluations, evaluator.distinctEvaluations());
        if (!GetParam().isSampled) continue;
        EXPECT_LE(result.distinctEvaluations, budget);
        EXPECT_GE(result.distinctEvaluations, budget / 3);  // captum's repeats are free
    }
}

TEST_P(EveryEstimator, AnotherTargetCostsNothing) {
    const std::size_t alone = estimate(randomGame(9, 1))[0].distinctEvaluations;
    const std::vector<PlayerValues> three =
        estimate(combined(randomGame(9, 1), randomGame(9, 2), 1.0, 1.0));
    for (const PlayerValues& result : three) EXPECT_EQ(result.distinctEvaluations, alone);
}

// The rows with one of these names, as a suite of their own.
std::vector<EstimatorRow> named(const std::set<std::string>& names) {
    std::vector<EstimatorRow> out = estimators();
    std::erase_if(out, [&](const EstimatorRow& row) { return !names.contains(row.name); });
    return out;
}

class EveryRegression : public EveryEstimator {};
INSTANTIATE_TEST_SUITE_P(Rows, EveryRegression,
                         testing::ValuesIn(named({"kriged_shapley", "kernel_shap",
                                                  "leverage_shap"})),
                         [](const auto& row) { return row.param.name; });

TEST_P(EveryRegression, EnoughEvaluationsForEveryCoalitionAreExact) {
    for (const std::size_t players : {2, 3, 5, 8}) {
        const Game game = randomGame(players, 8);
        Evaluator evaluator(game);
        const PlayerValues result = estimate(game, {coalitionCount(players), 1, 0.0})[0];
        EXPECT_LE(largestDifference(result.values, exactShapley(evaluator)[0].values), kRounding);
        EXPECT_TRUE(result.standardErrors.empty());
        EXPECT_EQ(result.distinctEvaluations, coalitionCount(players));
    }
}

class EveryPlanned : public EveryEstimator {};
INSTANTIATE_TEST_SUITE_P(Rows, EveryPlanned,
                         testing::ValuesIn(named({"kriged_shapley", "kernel_shap", "leverage_shap",
                                                  "permutation", "permutation_plain"})),
                         [](const auto& row) { return row.param.name; });

TEST_P(EveryPlanned, StopsAtTheTolerance) {
    const Game game = randomGame(14, 6);
    const PlayerValues all = estimate(game, {4000, 2, 0.0})[0];
    const double tolerance = 3.0 * largestStandardError(std::vector{all});
    const PlayerValues some = estimate(game, {4000, 2, tolerance})[0];
    EXPECT_LE(largestStandardError(std::vector{some}), tolerance);
    EXPECT_LT(some.distinctEvaluations, all.distinctEvaluations);
    const PlayerValues never = estimate(game, {4000, 2, 1e-9})[0];
    EXPECT_LE(never.distinctEvaluations, 4000U);
    EXPECT_GE(never.distinctEvaluations, 3900U);
}

TEST_P(EveryPlanned, OnePlayerGetsTheWhole) {
    const Game game = polynomialGame(1, {{{}, 0.5}, {{0}, 2.0}});
    const PlayerValues result = estimate(game, {2, 0, 0.0})[0];
    EXPECT_EQ(result.values, std::vector{2.0});
    EXPECT_EQ(result.empty, 0.5);
    EXPECT_EQ(result.distinctEvaluations, 2U);
}

class EverySampled : public EveryEstimator {};
INSTANTIATE_TEST_SUITE_P(Rows, EverySampled, testing::ValuesIn(sampledEstimators()),
                         [](const auto& row) { return row.param.name; });

TEST_P(EverySampled, ManyPlayersAreNoObstacle) {
    std::vector<Term> terms;
    for (std::size_t i = 0; i < 150; ++i) terms.push_back({{i}, i % 10 == 0 ? 1.0 : 0.0});
    terms.push_back({{10, 20, 30}, 0.9});
    const PlayerValues result = estimate(polynomialGame(150, terms), {1500, 4, 0.0})[0];
    EXPECT_LE(std::abs(result.efficiencyGap), 1e-2 * (result.full - result.empty));
    for (std::size_t i = 0; i < 150; ++i) {
        const bool isOfTriple = i == 10 || i == 20 || i == 30;
        const double expected = (i % 10 == 0 ? 1.0 : 0.0) + (isOfTriple ? 0.3 : 0.0);
        EXPECT_NEAR(result.values[i], expected, 0.35) << i;
    }
}

}  // namespace
}  // namespace driftlens::coalitions
