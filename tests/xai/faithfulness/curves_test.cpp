// Curves, bins and leave-one-out against closed forms.
#include "tests/xai/coalitions/games.h"
#include "xai/faithfulness/erasure.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftlens::faithfulness {
namespace {

using coalitions::Game;
using coalitions::polynomialGame;
using coalitions::randomGame;
using coalitions::Term;

Evaluator additive(const std::vector<double>& weights, double base = 0.0) {
    std::vector<Term> terms = {{{}, base}};
    for (std::size_t i = 0; i < weights.size(); ++i) terms.push_back({{i}, weights[i]});
    return Evaluator(polynomialGame(weights.size(), terms));
}

// scale · v + shift.
Game affine(Game game, double scale, double shift) {
    const auto score = game.score;
    game.score = [=](std::span<const coalitions::Coalition> all) {
        std::vector<double> out = score(all);
        for (double& value : out) value = scale * value + shift;
        return out;
    };
    return game;
}

void expectNear(const std::vector<double>& ours, const std::vector<double>& expected) {
    EXPECT_LE(coalitions::largestDifference(ours, expected), 1e-12);
}

TEST(Ranking, FallsBySignedScoreAndGivesTiesToTheLowerIndex) {
    EXPECT_EQ(ranking(std::vector{-5.0, 0.5, 2.0, 0.5, 2.0, -0.0, 0.0}),
              (Order{2, 4, 1, 3, 5, 6, 0}));
}

TEST(Curves, OfAnAdditiveGameFallAndRiseByTheWeights) {
    Evaluator evaluator = additive({0.1, 0.4, -0.2}, 0.5);
    const Curves curves = curvesOf(evaluator, {1, 0, 2});
    expectNear(curves.deletion, {0.8, 0.4, 0.3, 0.5});
    expectNear(curves.insertion, {0.5, 0.9, 1.0, 0.8});
    EXPECT_NEAR(areaUnder(curves.deletion), (0.4 + 0.4 + 0.3 + 0.25) / 3.0, 1e-12);
    EXPECT_NEAR(areaUnder(curves.insertion), (0.25 + 0.9 + 1.0 + 0.4) / 3.0, 1e-12);
    EXPECT_NEAR(aopcOf(curves.deletion), (0.4 + 0.5 + 0.3) / 3.0, 1e-12);
}

TEST(Curves, TakeTwoEvaluationsPerUnit) {
    Evaluator evaluator(randomGame(9, 1));
    curvesOf(evaluator, {3, 1, 4, 0, 5, 8, 2, 6, 7});
    EXPECT_EQ(evaluator.distinctEvaluations(), 18U);
}

TEST(Curves, OfOneTargetAreThoseOfItsOwnGame) {
    std::vector<double> both;
    std::vector<double> second;
    for (std::size_t k = 0; k < 16; ++k) {
        both.push_back(std::sin(static_cast<double>(k)));
        both.push_back(std::cos(static_cast<double>(3 * k)));
        second.push_back(both.back());
    }
    Evaluator two(coalitions::tableGame(4, both, 2));
    Evaluator one(coalitions::tableGame(4, second));
    const Order order = {2, 0, 3, 1};
    EXPECT_EQ(curvesOf(two, order, 1).insertion, curvesOf(one, order).insertion);
    EXPECT_EQ(leaveOneOutDrops(two, 1), leaveOneOutDrops(one));
}

TEST(Curves, OfAnOrderAreThoseOfItsReverseReadBackwards) {
    Evaluator evaluator(randomGame(7, 5));
    const Order order = {6, 2, 0, 4, 1, 3, 5};
    const Curves there = curvesOf(evaluator, order);
    const Curves back = curvesOf(evaluator, {order.rbegin(), order.rend()});
    EXPECT_EQ(there.deletion, std::vector<double>(back.insertion.rbegin(), back.insertion.rend()));
    EXPECT_EQ(there.full(), there.insertion.back());
    EXPECT_EQ(there.empty(), there.deletion.back());
}

// Both sum the same values; the trapezoidal rule halves the ends.
TEST(Aopc, IsTheDeletionAreaTurnedOverButForTheEnds) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        Evaluator evaluator(randomGame(6, seed));
        const Curves curves = curvesOf(evaluator, {5, 3, 1, 0, 2, 4});
        EXPECT_NEAR(
            aopcOf(curves.deletion),
            curves.full() - areaUnder(curves.deletion) + (curves.full() - curves.empty()) / 12.0,
            1e-12);
    }
}

TEST(LeaveOneOut, DropsOfAnAdditiveGameAreItsWeights) {
    const std::vector<double> weights = {0.1, 0.4, -0.2, 0.05};
    Evaluator evaluator = additive(weights, 0.5);
    const std::vector<double> drops = leaveOneOutDrops(evaluator);
    expectNear(drops, weights);
    EXPECT_EQ(evaluator.distinctEvaluations(), 5U);
    EXPECT_EQ(tauLeaveOneOut(weights, drops).value, 1.0);
    EXPECT_EQ(tauLeaveOneOut(std::vector{-0.1, -0.4, 0.2, -0.05}, drops).value, -1.0);
}

TEST(LeaveOneOut, HasNoTauWhereTheScoresAreAllEqual) {
    const Figure tau = tauLeaveOneOut(std::vector{1.0, 1.0}, std::vector{0.1, 0.2});
    EXPECT_FALSE(tau.value);
    EXPECT_EQ(tau.reason, "all values are equal");
}

TEST(Bins, RoundUpToWholeUnitsButNotForARounding) {
    const Curves hundred{std::vector<double>(101, 0.0), std::vector<double>(101, 0.0)};
    const std::vector<double> bins = {0.001, 0.07, 0.071, 0.14, 0.28, 0.29, 0.57, 1.0};
    EXPECT_EQ(erasureOf(hundred, bins).counts,
              (std::vector<std::size_t>{1, 7, 8, 14, 28, 29, 57, 100}));
    const Curves one{{1.0, 0.0}, {0.0, 1.0}};
    EXPECT_EQ(erasureOf(one).counts, (std::vector<std::size_t>{1, 1, 1, 1, 1}));
}

TEST(Erasure, IsReadOffTheCurves) {
    const Curves curves{{0.9, 0.5, 0.6, 0.3, 0.1}, {0.1, 0.4, 0.8, 0.95, 0.9}};
    const std::vector<double> bins = {0.25, 0.5, 0.75, 1.0};
    const Erasure ours = erasureOf(curves, bins);
    expectNear(ours.comprehensiveness, {0.4, 0.3, 0.6, 0.8});
    expectNear(ours.sufficiency, {0.5, 0.1, -0.05, 0.0});
    EXPECT_NEAR(*ours.normalisedComprehensiveness[0].value, 0.5, 1e-12);
    EXPECT_NEAR(*ours.normalisedSufficiency[0].value, 1.0 - 0.5 / 0.8, 1e-12);
    EXPECT_EQ(ours.normalisedSufficiency[2].value, 1.0);  // keeping three is better than all
    EXPECT_NEAR(*binMean(ours.comprehensiveness).value, 2.1 / 4.0, 1e-12);
    EXPECT_NEAR(*paperMean(ours.comprehensiveness).value, 2.1 / 5.0, 1e-12);
    EXPECT_NEAR(*binMean(ours.normalisedComprehensiveness).value, 2.1 / 0.8 / 4.0, 1e-12);
}

TEST(Erasure, IsNotNormalisedWhereNothingIsAtStake) {
    for (const double empty : {0.5, 0.6}) {
        const Curves curves{{0.5, 0.2, empty}, {empty, 0.4, 0.5}};
        const Erasure ours = erasureOf(curves);
        EXPECT_FALSE(ours.normalisedSufficiency[0].value);
        EXPECT_EQ(binMean(ours.normalisedComprehensiveness).reason,
                  "removing every unit does not lower the value");
        EXPECT_NEAR(ours.comprehensiveness[0], 0.3, 1e-12);
    }
}

TEST(Erasure, IsNormalisedToWhatNoUnitOfMeasureChanges) {
    const Order order = {4, 1, 0, 3, 5, 2};
    std::size_t defined = 0;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        Evaluator evaluator(randomGame(6, seed));
        Evaluator other(affine(randomGame(6, seed), 3.0, -7.0));
        const Erasure ours = erasureOf(curvesOf(evaluator, order));
        const Erasure theirs = erasureOf(curvesOf(other, order));
        for (std::size_t bin = 0; bin < kEraserBins.size(); ++bin) {
            EXPECT_NEAR(theirs.sufficiency[bin], 3.0 * ours.sufficiency[bin], 1e-12);
            const Figure& figure = ours.normalisedSufficiency[bin];
            ASSERT_EQ(figure.value.has_value(),
                      theirs.normalisedSufficiency[bin].value.has_value());
            if (!figure.value) continue;
            ++defined;
            EXPECT_NEAR(*figure.value, *theirs.normalisedSufficiency[bin].value, 1e-9);
            EXPECT_NEAR(*ours.normalisedComprehensiveness[bin].value,
                        *theirs.normalisedComprehensiveness[bin].value, 1e-9);
        }
    }
    EXPECT_GT(defined, 20U);
}

}  // namespace
}  // namespace driftlens::faithfulness
