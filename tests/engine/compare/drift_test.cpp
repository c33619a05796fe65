// Drift of explanations whose scores belong to parts of the network.
#include "engine/compare/drift.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

Attribution partsOf(const std::vector<std::pair<std::string, double>>& scores) {
    Attribution out;
    out.method = "direct_logit_attribution";
    for (const auto& [name, score] : scores) {
        out.parts.emplace_back();
        out.parts.back().name = name;
        out.scores.push_back(score);
    }
    return out;
}

TEST(Drift, APartThatTheVariantLacksIsAbsentAndNotZero) {
    Attribution reference = partsOf({{"head.0", 1.0}, {"head.1", 9.0}, {"mlp", 2.0}});
    const Repeatability floors =
        repeatabilityOf(reference.scores, {1.0, 8.0, 2.0}, reference.scores);
    const ExplanationDrift found =
        driftOf(std::move(reference), partsOf({{"mlp", 2.5}, {"head.0", 1.0}}), floors);
    ASSERT_EQ(found.reference.parts.size(), 2U);
    EXPECT_EQ(found.reference.parts[0].name, "head.0");
    EXPECT_EQ(found.variant.parts[1].name, "mlp");  // in the reference's order
    EXPECT_EQ(found.variant.scores, (std::vector<double>{1.0, 2.5}));
    EXPECT_EQ(found.largestDifference, 0.5);
    // The floor of what is compared: the absent head repeated itself badly.
    EXPECT_EQ(found.repeatability.float64Difference, 0.0);
    ASSERT_EQ(found.variant.warnings.size(), 1U);
    EXPECT_NE(found.variant.warnings[0].find("absent in the variant: head.1"), std::string::npos);
}

TEST(Drift, EqualPartsAreComparedAsTheyAre) {
    Attribution reference = partsOf({{"head.0", 1.0}, {"mlp", 2.0}});
    const Repeatability floors =
        repeatabilityOf(reference.scores, reference.scores, reference.scores);
    const ExplanationDrift found =
        driftOf(std::move(reference), partsOf({{"head.0", 1.0}, {"mlp", 2.0}}), floors);
    EXPECT_TRUE(found.variant.warnings.empty());
    EXPECT_FALSE(found.aboveNumericalNoise);
}

}  // namespace
}  // namespace driftlens
