#include "xai/coalitions/lime.h"

#include "tests/xai/coalitions/games.h"
#include "xai/coalitions/regression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numeric>
#include <vector>

namespace driftlens::coalitions {
namespace {

Game sparseGame() {
    return polynomialGame(20, {{{}, 1.0}, {{3}, 2.0}, {{11}, -1.0}, {{16}, 0.5}});
}

TEST(LimeText, FindsTheWordsOfAnAdditiveGame) {
    Evaluator evaluator(sparseGame());
    LimeTextPlan plan;
    plan.features = 3;
    const SurrogateValues lime = limeText(evaluator, plan)[0];
    EXPECT_EQ(lime.fit.selected, (std::vector<std::size_t>{3, 11, 16}));
    EXPECT_NEAR(lime.fit.values[3], 2.0, 0.03);  // the ridge shrinks a little
    EXPECT_NEAR(lime.fit.values[11], -1.0, 0.03);
    EXPECT_NEAR(lime.fit.prediction, 2.5, 0.03);
    EXPECT_EQ(lime.fit.values[0], 0.0);
    EXPECT_EQ(lime.players.values, lime.fit.values);
    EXPECT_EQ(lime.players.full, 2.5);
    EXPECT_EQ(lime.players.empty, 1.0);
    EXPECT_EQ(lime.players.distinctEvaluations, evaluator.distinctEvaluations());
}

TEST(LimeText, AutomaticSelectionIsForwardUpToSix) {
    const Game game = randomGame(10, 4);
    const SurrogateSample sample = drawLimeText(10, 200, 25.0, 3);
    const std::vector<double> outputs = game.score(sample.coalitions);
    const auto chosen = [&](std::size_t features, FeatureSelection selection) {
        return fitLimeText(sample, outputs, features, selection).selected;
    };
    EXPECT_EQ(chosen(6, FeatureSelection::Auto), chosen(6, FeatureSelection::Forward));
    EXPECT_EQ(chosen(7, FeatureSelection::Auto), chosen(7, FeatureSelection::HighestWeights));
    EXPECT_EQ(chosen(3, FeatureSelection::All).size(), 10U);
    EXPECT_EQ(chosen(99, FeatureSelection::HighestWeights).size(), 10U);
}

// ContextCite's question: which few of many sentences does the answer come from?
TEST(SparseAttribution, FindsTheFewSourcesWithTheDefaultMasks) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Evaluator evaluator(sparseGame());
        SparsePlan plan;
        plan.seed = seed;
        const SurrogateValues sparse = sparseAttribution(evaluator, plan)[0];
        ASSERT_GE(sparse.fit.selected.size(), 3U);
        EXPECT_EQ(std::vector(sparse.fit.selected.begin(), sparse.fit.selected.begin() + 3),
                  (std::vector<std::size_t>{3, 11, 16}));
        // A Lasso on features of standard deviation ½ takes alpha / ½ off each.
        EXPECT_NEAR(sparse.fit.values[3], 2.0 - 0.02, 0.02);
        EXPECT_LE(sparse.players.distinctEvaluations, 66U);
    }
}

TEST(SparseAttribution, TheUnitScalesThePenalty) {
    const Game game = randomGame(12, 2);
    const SurrogateSample sample = drawBernoulli(12, 64, 0.5, 1);
    std::vector<double> outputs = game.score(sample.coalitions);
    const SurrogateFit one = fitSparse(sample, outputs, 0.02, 1.0);
    for (double& output : outputs) output *= 7.0;
    const SurrogateFit seven = fitSparse(sample, outputs, 0.02, 7.0);
    EXPECT_EQ(one.selected, seven.selected);
    for (std::size_t i = 0; i < 12; ++i) EXPECT_NEAR(seven.values[i], 7.0 * one.values[i], 1e-11);
}

// Standardised by hand: the Lasso's optimality conditions in the scaled problem.
TEST(SparseAttribution, IsTheLassoOfStandardisedMembership) {
    const Game game = randomGame(9, 2);
    SurrogateSample sample = drawBernoulli(9, 64, 0.5, 1);
    for (Coalition& coalition : sample.coalitions) coalition.set(4);  // never removed
    const std::vector<double> outputs = game.score(sample.coalitions);
    const SurrogateFit fit = fitSparse(sample, outputs, 0.02, 1.0);
    EXPECT_EQ(fit.values[4], 0.0);
    const Eigen::MatrixXd x = membership(sample.coalitions);
    Eigen::ArrayXd residual = Eigen::Map<const Eigen::ArrayXd>(outputs.data(), 64) - fit.intercept;
    for (Eigen::Index j = 0; j < 9; ++j) {
        residual -= x.col(j).array() * fit.values[static_cast<std::size_t>(j)];
    }
    for (Eigen::Index j = 0; j < 9; ++j) {
        if (j == 4) continue;
        const Eigen::ArrayXd centred = x.col(j).array() - x.col(j).mean();
        const double scaled = (centred * residual).mean() / std::sqrt(centred.square().mean());
        const double value = fit.values[static_cast<std::size_t>(j)];
        if (value == 0.0) {
            EXPECT_LE(std::abs(scaled), 0.02 + 1e-11);
        } else {
            EXPECT_NEAR(scaled, std::copysign(0.02, value), 1e-11);
        }
    }
}

// The fit that all masks together would give, each as often as a sample of that size has it.
SurrogateFit wholeFit(const Game& game, const CaptumLimePlan& plan) {
    SurrogateSample all;
    for (std::size_t k = 0; k < coalitionCount(game.players); ++k) {
        all.coalitions.emplace_back(game.players, k);
        all.weights.push_back(plan.weight(all.coalitions.back(), plan.width) *
                              static_cast<double>(plan.samples) /
                              static_cast<double>(coalitionCount(game.players)));
    }
    return fitSurrogate(all, game.score(all.coalitions), plan.regressor, plan.alpha);
}

class EveryRegressor : public testing::TestWithParam<SurrogateRegressor> {};
INSTANTIATE_TEST_SUITE_P(Regressors, EveryRegressor,
                         testing::Values(SurrogateRegressor::Ridge, SurrogateRegressor::Lasso));

TEST_P(EveryRegressor, IntervalsCoverTheFitOfAllMasks) {
    constexpr std::uint64_t kSeeds = 200;
    const Game game = randomGame(8, 3);
    CaptumLimePlan plan;
    plan.samples = 150;
    plan.regressor = GetParam();
    plan.alpha = GetParam() == SurrogateRegressor::Ridge ? 1.0 : 0.001;
    const SurrogateFit whole = wholeFit(game, plan);
    double covered = 0.0;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        plan.seed = seed;
        Evaluator evaluator(game);
        const SurrogateFit fit = captumLime(evaluator, plan)[0].fit;
        for (std::size_t i = 0; i < 8; ++i) {
            const bool isCovered =
                std::abs(fit.values[i] - whole.values[i]) <= 1.96 * fit.standardErrors[i];
            covered += isCovered ? 1.0 / 8.0 / static_cast<double>(kSeeds) : 0.0;
        }
    }
    std::printf("             coverage %.3f\n", covered);
    EXPECT_NEAR(covered, 0.95, 3.0 * std::sqrt(0.95 * 0.05 / static_cast<double>(kSeeds)));
}

TEST(CaptumLime, TargetsShareTheMasks) {
    const Game game = randomGame(8, 5);
    Evaluator evaluator({8, 2, [&](std::span<const Coalition> coalitions) {
                             std::vector<double> out;
                             for (const double value : game.score(coalitions)) {
                                 out.insert(out.end(), {value, -3.0 * value});
                             }
                             return out;
                         }});
    CaptumLimePlan plan;
    plan.regressor = SurrogateRegressor::Ridge;
    const std::vector<SurrogateValues> both = captumLime(evaluator, plan);
    ASSERT_EQ(both.size(), 2U);
    for (std::size_t i = 0; i < 8; ++i) {
        EXPECT_NEAR(both[1].fit.values[i], -3.0 * both[0].fit.values[i], 1e-13);
    }
    EXPECT_LE(evaluator.distinctEvaluations(), 52U);
}

}  // namespace
}  // namespace driftlens::coalitions
