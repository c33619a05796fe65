// Limits of AOPC against all orders, closed forms, and each other.
#include "xai/faithfulness/limits.h"

#include "tests/xai/coalitions/games.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace driftlens::faithfulness {
namespace {

using coalitions::randomGame;

Order ascending(std::size_t units) {
    Order out(units);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

double aopcOfOrder(Evaluator& evaluator, const Order& order) {
    return aopcOf(deletionCurve(evaluator, order));
}

Range overAllOrders(Evaluator& evaluator) {
    Range out{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    Order order = ascending(evaluator.players());
    do {
        const double aopc = aopcOfOrder(evaluator, order);
        out.low = std::min(out.low, aopc);
        out.high = std::max(out.high, aopc);
    } while (std::next_permutation(order.begin(), order.end()));
    return out;
}

Evaluator additive(const std::vector<double>& weights) {
    std::vector<coalitions::Term> terms;
    for (std::size_t i = 0; i < weights.size(); ++i) terms.push_back({{i}, weights[i]});
    return Evaluator(coalitions::polynomialGame(weights.size(), terms));
}

std::vector<double> drawnWeights(std::size_t units, std::uint64_t seed) {
    RandomStream stream(seed, "weights");
    std::vector<double> out;
    for (std::size_t i = 0; i < units; ++i) out.push_back(stream.normal());
    return out;
}

// Mean over k of the sum of the first k weights of an order.
double additiveAopc(const std::vector<double>& weights, const Order& order) {
    double sum = 0.0;
    double removed = 0.0;
    for (const std::size_t unit : order) sum += removed += weights[unit];
    return sum / static_cast<double>(order.size());
}

class LimitsOfUnits : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Units, LimitsOfUnits, testing::Values(1, 2, 3, 4, 5, 6, 7));

TEST_P(LimitsOfUnits, AreTheLeastAndTheLargestOfAllOrders) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        Evaluator evaluator(randomGame(GetParam(), seed));
        const Range all = overAllOrders(evaluator);
        const AopcLimits limits = exactAopcLimits(evaluator);
        EXPECT_NEAR(limits.lower, all.low, 1e-13);
        EXPECT_NEAR(limits.upper, all.high, 1e-13);
        EXPECT_EQ(limits.lower, aopcOfOrder(evaluator, limits.worstOrder));
        EXPECT_EQ(limits.upper, aopcOfOrder(evaluator, limits.bestOrder));
        EXPECT_EQ(limits.search, LimitSearch::Exact);
    }
}

TEST(ExactLimits, OfEqualOrdersAreThatWhichRemovesLowerIndicesLast) {
    Evaluator evaluator(coalitions::tableGame(3, std::vector<double>(8, 0.5)));
    EXPECT_EQ(exactAopcLimits(evaluator).bestOrder, (Order{2, 1, 0}));
    EXPECT_EQ(exactAopcLimits(evaluator).worstOrder, (Order{2, 1, 0}));
}

TEST(ExactLimits, NormaliseTheTrueOrderOfAnAdditiveGameTo1AndItsReverseTo0) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        const std::vector<double> weights = drawnWeights(9, seed);
        Evaluator evaluator = additive(weights);
        const Order order = ranking(weights);
        const AopcLimits limits = exactAopcLimits(evaluator);
        EXPECT_NEAR(*normalisedAopc(aopcOfOrder(evaluator, order), limits).value, 1.0, 1e-14);
        const Order reversed(order.rbegin(), order.rend());
        EXPECT_NEAR(*normalisedAopc(aopcOfOrder(evaluator, reversed), limits).value, 0.0, 1e-14);
        EXPECT_EQ(limits.bestOrder, order);
        EXPECT_EQ(limits.worstOrder, reversed);
    }
}

TEST(BeamLimits, OfAnAdditiveGameAreItsClosedForm) {
    const std::vector<double> weights = drawnWeights(24, 3);
    Evaluator evaluator = additive(weights);
    const Order order = ranking(weights);
    for (const std::size_t width : {1, 5}) {
        const AopcLimits limits = beamAopcLimits(evaluator, width);
        EXPECT_NEAR(limits.upper, additiveAopc(weights, order), 1e-12);
        EXPECT_NEAR(limits.lower, additiveAopc(weights, {order.rbegin(), order.rend()}), 1e-12);
        EXPECT_EQ(limits.search, LimitSearch::Beam);
    }
}

TEST(BeamLimits, LieWithinTheExactOnes) {
    std::size_t missed = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Evaluator evaluator(randomGame(8, seed));
        const AopcLimits exact = exactAopcLimits(evaluator);
        for (const std::size_t width : {1, 2, 5}) {
            const AopcLimits beam = beamAopcLimits(evaluator, width);
            EXPECT_LE(beam.upper, exact.upper + 1e-14);
            EXPECT_GE(beam.lower, exact.lower - 1e-14);
            EXPECT_LT(beam.lower, beam.upper);
            missed += beam.upper < exact.upper - 1e-12 ? 1 : 0;
        }
    }
    EXPECT_GT(missed, 0U);  // else this proves nothing about beams that miss
}

// Values without any order in them: the best way may begin as one of the worst.
TEST(BeamLimits, AreExactWhereTheBeamHoldsEveryCoalitionOfASize) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        RandomStream stream(seed, "table");
        std::vector<double> table(64);
        for (double& value : table) value = stream.normal();
        Evaluator evaluator(coalitions::tableGame(6, table));
        const AopcLimits exact = exactAopcLimits(evaluator);
        const AopcLimits beam = beamAopcLimits(evaluator, 20);  // 6 over 3
        EXPECT_NEAR(beam.upper, exact.upper, 1e-14);
        EXPECT_NEAR(beam.lower, exact.lower, 1e-14);
    }
}

// All three ways to a coalition count as one: else the 48 level ways to sixteen coalitions would
// fill the beam, and the four that lead down to the deep one would be lost.
TEST(BeamLimits, HoldEachCoalitionOnce) {
    const coalitions::Coalition deep = coalitions::coalitionOf("110000");
    Evaluator evaluator({6, 1, [&](std::span<const coalitions::Coalition> all) {
                             std::vector<double> out;
                             for (const coalitions::Coalition& each : all) {
                                 const bool leadsThere = deep.is_proper_subset_of(each);
                                 const double hill = leadsThere && each.count() == 3 ? 1.0 : 0.0;
                                 out.push_back(each == deep ? -10.0 : hill);
                             }
                             return out;
                         }});
    EXPECT_EQ(beamAopcLimits(evaluator, 20).upper, 9.0 / 6.0);
}

TEST(BeamLimits, CostNoMoreThanTheyClaim) {
    constexpr std::size_t kUnits = 14;
    for (const std::size_t width : {1, 3, 5}) {
        Evaluator evaluator(randomGame(kUnits, 2));
        beamAopcLimits(evaluator, width);
        EXPECT_LE(evaluator.distinctEvaluations(), width * kUnits * (kUnits - 1) + kUnits + 1);
    }
}

TEST(NormalisedAopc, Is1ForAnExplanationBetterThanAllThatTheBeamFound) {
    std::size_t found = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Evaluator evaluator(randomGame(8, seed));
        const AopcLimits beam = beamAopcLimits(evaluator, 1);
        const double best = exactAopcLimits(evaluator).upper;
        if (best <= beam.upper) continue;
        ++found;
        EXPECT_EQ(normalisedAopc(best, beam).value, 1.0);
        EXPECT_EQ(normalisedAopc(beam.lower - 0.1, beam).value, 0.0);
    }
    EXPECT_GT(found, 0U);
}

TEST(NormalisedAopc, IsTheSameInEveryUnitOfMeasure) {
    AopcLimits limits;
    limits.lower = -0.25;
    limits.upper = 0.75;
    EXPECT_EQ(normalisedAopc(0.25, limits).value, 0.5);
    limits.lower = -25.0 + 4.0;
    limits.upper = 75.0 + 4.0;
    EXPECT_EQ(normalisedAopc(25.0 + 4.0, limits).value, 0.5);
}

// 0.1 is no binary fraction: sums in another order would differ in the last bit.
TEST(NormalisedAopc, IsUndefinedWhereEveryOrderIsAlike) {
    Evaluator evaluator({7, 1, [](std::span<const coalitions::Coalition> all) {
                             std::vector<double> out;
                             for (const auto& coalition : all) {
                                 out.push_back(0.1 * std::sqrt(coalition.count()));
                             }
                             return out;
                         }});
    for (const AopcLimits& limits : {exactAopcLimits(evaluator), beamAopcLimits(evaluator)}) {
        const Figure figure = normalisedAopc(aopcOfOrder(evaluator, {3, 1, 0, 2, 6, 5, 4}), limits);
        EXPECT_FALSE(figure.value);
        EXPECT_EQ(figure.reason, "every order found has the same AOPC");
    }
}

// In an additive game a unit is gone after half of the steps, and half a step, on average.
TEST(RandomOrders, OfAnAdditiveGameAverageToTheClosedForm) {
    const std::vector<double> weights = drawnWeights(6, 11);
    Evaluator evaluator = additive(weights);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    const RandomOrders random = randomOrdersOf(evaluator, drawOrders(6, 400, 1));
    EXPECT_NEAR(*random.meanAopc.value, total * 7.0 / 12.0, 4.0 * *random.standardError.value);
    EXPECT_GT(*random.standardError.value, 0.0);
    EXPECT_LT(*random.standardError.value, 0.1);
}

TEST(RandomOrders, HaveTheMeanAndErrorOfTheirAopcs) {
    Evaluator evaluator = additive({1.0, 0.0});
    const std::vector<Order> orders = {{0, 1}, {1, 0}, {0, 1}, {1, 0}};  // 1, 0.5, 1, 0.5
    const RandomOrders random = randomOrdersOf(evaluator, orders);
    EXPECT_EQ(random.meanAopc.value, 0.75);
    EXPECT_NEAR(*random.standardError.value, std::sqrt(0.25 / 3.0 / 4.0), 1e-15);
}

TEST(RandomOrders, HaveNoErrorBetweenFewerThanTwo) {
    Evaluator evaluator = additive({1.0, 0.0});
    const RandomOrders one = randomOrdersOf(evaluator, drawOrders(2, 1, 0));
    EXPECT_TRUE(one.meanAopc.value);
    EXPECT_EQ(one.standardError.reason, "fewer than two orders");
    EXPECT_EQ(randomOrdersOf(evaluator, {}).meanAopc.reason, "no order was drawn");
}

TEST(RandomOrders, AreThoseOfTheirSeed) {
    EXPECT_EQ(drawOrders(12, 4, 5), drawOrders(12, 4, 5));
    EXPECT_NE(drawOrders(12, 4, 5), drawOrders(12, 4, 6));
    const std::vector<Order> more = drawOrders(12, 9, 5);
    EXPECT_TRUE(std::equal(more.begin(), more.begin() + 4, drawOrders(12, 4, 5).begin()));
}

}  // namespace
}  // namespace driftlens::faithfulness
