// Infidelity and maximum sensitivity against closed forms.
#include "xai/faithfulness/robustness.h"

#include "core/base/random.h"

#include <gtest/gtest.h>

namespace driftlens::faithfulness {
namespace {

PerturbationResponses drawn(std::uint64_t seed) {
    RandomStream stream(seed, "responses");
    PerturbationResponses out;
    for (int i = 0; i < 12; ++i) {
        out.products.push_back(stream.normal());
        out.changes.push_back(0.5 * out.products.back() + stream.normal());
    }
    return out;
}

TEST(Infidelity, IsTheMeanSquaredGap) {
    const PerturbationResponses responses{{1.0, 2.0, -1.0}, {0.0, 4.0, -1.0}};
    EXPECT_NEAR(*infidelityOf(responses).value, (1.0 + 4.0 + 0.0) / 3.0, 1e-15);
    // β = 9 / 6: the gaps are 1.5, -1 and -0.5.
    EXPECT_NEAR(*normalisedInfidelityOf(responses).value, (2.25 + 1.0 + 0.25) / 3.0, 1e-15);
}

TEST(Infidelity, IsZeroForTheGradientOfALinearModel) {
    const PerturbationResponses responses{{0.3, -1.2, 4.0}, {0.3, -1.2, 4.0}};
    EXPECT_EQ(infidelityOf(responses).value, 0.0);
    EXPECT_EQ(normalisedInfidelityOf(responses).value, 0.0);
}

TEST(NormalisedInfidelity, IsNotAboveThatOfAnyScaleOfTheExplanation) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const PerturbationResponses responses = drawn(seed);
        const double least = *normalisedInfidelityOf(responses).value;
        for (const double scale : {-3.0, 0.0, 0.2, 0.5, 1.0, 10.0}) {
            PerturbationResponses scaled = responses;
            for (double& product : scaled.products) product *= scale;
            EXPECT_LE(least, *infidelityOf(scaled).value + 1e-14);
            if (scale == 0.0) continue;
            EXPECT_NEAR(*normalisedInfidelityOf(scaled).value, least, 1e-13);
        }
    }
}

TEST(NormalisedInfidelity, OfAnExplanationOfZerosIsTheMeanSquaredChange) {
    EXPECT_EQ(normalisedInfidelityOf({{0.0, 0.0}, {1.0, 3.0}}).value, 5.0);
}

TEST(MaxSensitivity, IsTheLargestRelativeChange) {
    const NearbyExplanations explanations{{3.0, -4.0}, {{3.0, -4.0}, {0.0, 0.0}, {3.0, 6.0}}};
    EXPECT_NEAR(*maxSensitivityOf(explanations).value, 2.0, 1e-15);
    EXPECT_EQ(maxSensitivityOf({{3.0, -4.0}, {{3.0, -4.0}}}).value, 0.0);
    EXPECT_NEAR(*maxSensitivityOf({{3.0, -4.0}, {{0.0, 0.0}}}).value, 1.0, 1e-15);
}

TEST(MaxSensitivity, IsUndefinedForAnExplanationOfZeros) {
    const Figure figure = maxSensitivityOf({{0.0, 0.0}, {{1.0, 0.0}}});
    EXPECT_FALSE(figure.value);
    EXPECT_EQ(figure.reason, "the explanation is zero");
}

TEST(Infidelity, IsUndefinedWhereItOverflows) {
    EXPECT_EQ(infidelityOf({{1e200}, {-1e200}}).reason, "the result is not finite");
}

}  // namespace
}  // namespace driftlens::faithfulness
