// Measures of concentration against closed forms.
#include "xai/faithfulness/complexity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace driftlens::faithfulness {
namespace {

using Measure = Figure (*)(std::span<const double>);
constexpr Measure kMeasures[] = {&giniOf, &entropyOf, &effectiveCountOf, &hoyerOf};

const std::vector<double> kScores = {0.3, -1.7, 0.02, 0.9, -0.4, 0.0, 2.2};

TEST(Complexity, OfASingleUnitIsTheLeast) {
    for (const double value : {5.0, -1e-300, 1e300}) {
        const std::vector<double> scores = {0.0, 0.0, value, 0.0, 0.0};
        EXPECT_NEAR(*giniOf(scores).value, 0.8, 1e-15);
        EXPECT_EQ(entropyOf(scores).value, 0.0);
        EXPECT_EQ(effectiveCountOf(scores).value, 1.0);
        EXPECT_EQ(hoyerOf(scores).value, 1.0);
    }
}

TEST(Complexity, OfEqualMagnitudesIsTheLargest) {
    const std::vector<double> scores = {0.1, -0.1, 0.1, 0.1, -0.1, 0.1, 0.1};
    EXPECT_NEAR(*giniOf(scores).value, 0.0, 1e-15);
    EXPECT_NEAR(*entropyOf(scores).value, std::log(7.0), 1e-14);
    EXPECT_NEAR(*effectiveCountOf(scores).value, 7.0, 1e-13);
    EXPECT_NEAR(*hoyerOf(scores).value, 0.0, 1e-14);
}

TEST(Complexity, OfTwoUnitsIsWorkedOutByHand) {
    const std::vector<double> scores = {3.0, -1.0};
    EXPECT_NEAR(*giniOf(scores).value, 0.25, 1e-15);
    EXPECT_NEAR(*entropyOf(scores).value, 0.25 * std::log(4.0) + 0.75 * std::log(4.0 / 3.0), 1e-15);
    EXPECT_NEAR(*hoyerOf(scores).value,
                (std::sqrt(2.0) - 4.0 / std::sqrt(10.0)) / (std::sqrt(2.0) - 1.0), 1e-14);
}

TEST(Gini, IsHalfTheMeanDifferenceOverTheMean) {
    double differences = 0.0;
    double sum = 0.0;
    for (const double a : kScores) {
        sum += std::abs(a);
        for (const double b : kScores) differences += std::abs(std::abs(a) - std::abs(b));
    }
    EXPECT_NEAR(*giniOf(kScores).value, differences / (2.0 * 7.0 * sum), 1e-15);
}

TEST(Complexity, DependsOnNeitherScaleNorSignNorOrder) {
    for (const Measure measure : kMeasures) {
        const double value = *measure(kScores).value;
        for (const double scale : {-1.0, 1e-200, 1e300 / 2.2}) {
            std::vector<double> other(kScores.rbegin(), kScores.rend());
            for (double& score : other) score *= scale;
            EXPECT_NEAR(*measure(other).value, value, 1e-13);
        }
    }
}

TEST(Complexity, IsUndefinedForZeros) {
    for (const Measure measure : kMeasures) {
        const Figure figure = measure(std::vector{0.0, -0.0, 0.0});
        EXPECT_FALSE(figure.value);
        EXPECT_EQ(figure.reason, "all scores are zero");
    }
}

TEST(Complexity, OfOneUnitHasNoHoyerMeasure) {
    const std::vector<double> one = {0.4};
    EXPECT_EQ(giniOf(one).value, 0.0);
    EXPECT_EQ(entropyOf(one).value, 0.0);
    EXPECT_EQ(effectiveCountOf(one).value, 1.0);
    EXPECT_EQ(hoyerOf(one).reason, "one unit is always all there is");
}

TEST(CountAbove, CountsMagnitudesStrictlyAbove) {
    EXPECT_EQ(countAbove(std::vector{0.5, -0.6, 0.0, 0.7}, 0.5), 2U);
    EXPECT_EQ(countAbove(std::vector{0.0, 0.0}, 0.0), 0U);
}

}  // namespace
}  // namespace driftlens::faithfulness
