// What the samplers draw: the laws that the estimators rest on.
#include "tests/xai/coalitions/games.h"
#include "xai/coalitions/exact.h"
#include "xai/coalitions/kernel_shap.h"
#include "xai/coalitions/leverage_shap.h"
#include "xai/coalitions/lime.h"
#include "xai/coalitions/permutation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

namespace driftlens::coalitions {
namespace {

std::map<std::size_t, double> weightBySize(const CoalitionSample& sample) {
    std::map<std::size_t, double> out;
    for (std::size_t i = 0; i < sample.coalitions.size(); ++i) {
        out[sample.coalitions[i].count()] += sample.weights[i];
    }
    return out;
}

std::map<std::size_t, double> sharesOfSizes(std::span<const Coalition> coalitions) {
    std::map<std::size_t, double> out;
    for (const Coalition& coalition : coalitions) {
        out[coalition.count()] += 1.0 / static_cast<double>(coalitions.size());
    }
    return out;
}

// Four standard deviations of a binomial share.
double chance(double share, std::size_t draws) {
    return 4.0 * std::sqrt(share * (1.0 - share) / static_cast<double>(draws));
}

// reference/methods.md 2.4: the kernel by paired sizes for six players.
TEST(KernelShap, EnumeratesWithTheKernelOfTheReference) {
    const CoalitionSample sample = drawKernelShap(6, 62, 0);
    EXPECT_EQ(sample.coalitions.size(), 62U);
    std::map<std::size_t, double> weights = weightBySize(sample);
    EXPECT_NEAR(weights[1] + weights[5], 0.525547, 1e-6);
    EXPECT_NEAR(weights[2] + weights[4], 0.328467, 1e-6);
    EXPECT_NEAR(weights[3], 0.145985, 1e-6);
    EXPECT_DOUBLE_EQ(weights[1], weights[5]);
}

TEST(KernelShap, DrawsPairsWithoutDuplicatesAndKeepsTheKernelsMass) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const CoalitionSample sample = drawKernelShap(11, 300, seed);
        const std::set<Coalition> distinct(sample.coalitions.begin(), sample.coalitions.end());
        EXPECT_EQ(distinct.size(), 300U);
        EXPECT_EQ(sample.coalitions.size(), 300U);
        EXPECT_NEAR(std::accumulate(sample.weights.begin(), sample.weights.end(), 0.0), 1.0, 1e-12);
        for (const DrawnUnit& unit : sample.units) {
            EXPECT_EQ(sample.coalitions[unit.first + 1],
                      complementOf(sample.coalitions[unit.first]));
            EXPECT_GE(unit.first, 22U);  // sizes 1 and 10 are enumerated
        }
    }
}

TEST(KernelShap, CaptumDrawsSizesByTheirKernel) {
    constexpr std::size_t kDraws = 20000;
    const CoalitionSample sample = drawCaptumKernelShap(6, kDraws + 2, 1);
    EXPECT_TRUE(sample.coalitions[0].all());
    EXPECT_TRUE(sample.coalitions[1].none());
    EXPECT_EQ(sample.weights[0], 1e6);
    auto shares = sharesOfSizes(std::span(sample.coalitions).subspan(2));
    const std::vector<double> expected = {0.262774, 0.164234, 0.145985, 0.164234, 0.262774};
    for (std::size_t size = 1; size <= 5; ++size) {
        EXPECT_NEAR(shares[size], expected[size - 1], chance(expected[size - 1], kDraws)) << size;
    }
}

TEST(LeverageShap, SpreadsPairsEvenlyOverTheSizesWithoutRepeats) {
    const CoalitionSample sample = drawLeverage(14, 2 * 130, 3);
    const std::set<Coalition> distinct(sample.coalitions.begin(), sample.coalitions.end());
    EXPECT_EQ(distinct.size(), 260U);
    std::map<std::size_t, std::size_t> pairs;
    for (const DrawnUnit& unit : sample.units) {
        const Coalition& first = sample.coalitions[unit.first];
        EXPECT_EQ(sample.coalitions[unit.first + 1], complementOf(first));
        ++pairs[std::min(first.count(), 14 - first.count())];
    }
    // 14 pairs of size 1 are all there are; the other 116 are five times 21 and half of that.
    EXPECT_EQ(pairs[1], 14U);
    for (std::size_t size = 2; size <= 6; ++size)
        EXPECT_NEAR(static_cast<double>(pairs[size]), 21.1, 1.0);
    EXPECT_NEAR(static_cast<double>(pairs[7]), 10.5, 1.0);
}

// Every size keeps the kernel's mass, whatever was taken of it.
TEST(LeverageShap, WeightsStandForTheWholeKernel) {
    const auto whole = weightBySize(drawKernelShap(10, 1022, 0));
    for (const std::size_t rows : {40, 90, 300, 1000}) {
        auto part = weightBySize(drawLeverage(10, rows, 1));
        const double scale = whole.at(2) / part.at(2);
        for (std::size_t size = 1; size <= 9; ++size) {
            EXPECT_NEAR(part[size] * scale, whole.at(size), 1e-12) << rows << " rows, " << size;
        }
    }
}

TEST(LeverageShap, LargerSamplesKeepTheSmallerOnes) {
    const CoalitionSample small = drawLeverage(12, 100, 5);
    const CoalitionSample large = drawLeverage(12, 400, 5);
    const std::set<Coalition> known(large.coalitions.begin(), large.coalitions.end());
    for (const Coalition& coalition : small.coalitions) EXPECT_TRUE(known.contains(coalition));
}

TEST(Permutation, AllOrdersGiveTheExactValues) {
    Order order = {0, 1, 2, 3, 4, 5};
    std::vector<Order> all;
    do {
        all.push_back(order);
    } while (std::next_permutation(order.begin(), order.end()));
    ASSERT_EQ(all.size(), 720U);
    Evaluator evaluator(goldenGame());
    const std::vector<double> exact = exactShapley(evaluator)[0].values;
    for (const bool isAntithetic : {false, true}) {
        const PlayerValues ours = permutationValues(evaluator, all, isAntithetic)[0];
        EXPECT_LE(largestDifference(ours.values, exact), 1e-12);
        EXPECT_EQ(ours.distinctEvaluations, 64U);
    }
}

TEST(Permutation, OneOrderHasNoStandardError) {
    Evaluator evaluator(goldenGame());
    const std::vector<Order> one = {{5, 4, 3, 2, 1, 0}};
    EXPECT_TRUE(permutationValues(evaluator, one, true)[0].standardErrors.empty());
    EXPECT_EQ(permutationValues(evaluator, std::vector{one[0], one[0]}, true)[0].standardErrors,
              std::vector<double>(6, 0.0));
}

TEST(Coalitions, OrdersAndCoalitionsAreUniform) {
    constexpr std::size_t kDraws = 24000;
    std::map<Order, std::size_t> orders;
    std::map<Coalition, std::size_t> coalitions;
    RandomStream stream(1, "uniform");
    for (std::size_t i = 0; i < kDraws; ++i) {
        ++orders[drawOrder(4, stream)];
        ++coalitions[drawCoalition(5, 2, stream)];
    }
    EXPECT_EQ(orders.size(), 24U);
    EXPECT_EQ(coalitions.size(), 10U);
    const auto share = [](std::size_t count) {
        return static_cast<double>(count) / static_cast<double>(kDraws);
    };
    for (const auto& [order, count] : orders) {
        EXPECT_NEAR(share(count), 1.0 / 24, chance(1.0 / 24, kDraws));
    }
    for (const auto& [coalition, count] : coalitions) {
        EXPECT_NEAR(share(count), 0.1, chance(0.1, kDraws));
    }
}

TEST(Lime, RemovesEachNumberOfPlayersAsOften) {
    constexpr std::size_t kDraws = 20000;
    const SurrogateSample sample = drawLimeText(8, kDraws + 1, 25.0, 2);
    EXPECT_TRUE(sample.coalitions[0].all());
    auto shares = sharesOfSizes(std::span(sample.coalitions).subspan(1));
    for (std::size_t kept = 0; kept < 8; ++kept) {
        EXPECT_NEAR(shares[kept], 0.125, chance(0.125, kDraws)) << kept;
    }
    EXPECT_EQ(shares.size(), 8U);
}

// reference/methods.md 2.6: weights at 10, 50 and 90 % removed.
TEST(Lime, KernelsAreThoseOfTheReference) {
    const std::vector<std::size_t> kept = {9, 5, 1, 0};
    const std::vector<double> limeText = {0.979, 0.503, 0.024, 0.0003};
    const std::vector<double> captum = {0.999, 0.958, 0.792, 0.607};
    for (std::size_t i = 0; i < kept.size(); ++i) {
        Coalition coalition(10, (1UL << kept[i]) - 1);
        EXPECT_NEAR(limeTextWeight(coalition), limeText[i], 5e-4);
        EXPECT_NEAR(captumCosineWeight(coalition), captum[i], 5e-4);
    }
}

TEST(Lime, BernoulliMasksKeepTheGivenShare) {
    constexpr std::size_t kDraws = 20000;
    const SurrogateSample sample = drawBernoulli(3, kDraws, 0.3, 4);
    std::map<Coalition, double> shares;
    for (const Coalition& coalition : sample.coalitions) {
        shares[coalition] += 1.0 / static_cast<double>(kDraws);
    }
    for (const auto& [coalition, share] : shares) {
        const double expected =
            std::pow(0.3, coalition.count()) * std::pow(0.7, 3 - coalition.count());
        EXPECT_NEAR(share, expected, chance(expected, kDraws));
    }
    EXPECT_EQ(shares.size(), 8U);
}

}  // namespace
}  // namespace driftlens::coalitions
