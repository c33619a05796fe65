// The verdict under randomised weights.
#include "xai/faithfulness/randomisation.h"

#include "core/base/random.h"

#include <gtest/gtest.h>

namespace driftlens::faithfulness {
namespace {

std::vector<double> drawnScores(std::size_t units, std::uint64_t seed) {
    RandomStream stream(seed, "scores");
    std::vector<double> out;
    for (std::size_t i = 0; i < units; ++i) out.push_back(stream.normal());
    return out;
}

std::vector<double> scaled(std::vector<double> scores, double factor) {
    for (double& score : scores) score *= factor;
    return scores;
}

TEST(RandomisationCheck, GivesSpearmanOfScoresAndOfMagnitudesPerStep) {
    const std::vector<double> scores = {1.0, -2.0, 3.0, -4.0};
    const std::vector<RandomisedScores> cascade = {{"head", {1.0, -2.0, 3.0, -4.0}},
                                                   {"layer 1", {2.0, -1.0, 4.0, -3.0}}};
    const RandomisationCheck check = randomisationCheck(scores, cascade);
    ASSERT_EQ(check.steps.size(), 2U);
    EXPECT_EQ(check.steps[0].layer, "head");
    EXPECT_NEAR(*check.steps[0].magnitudes.coefficient.value, 1.0, 1e-15);
    EXPECT_NEAR(*check.steps[0].signedScores.coefficient.value, 1.0, 1e-15);
    // Ranks 1 2 3 4 against 2 1 4 3, and 3 2 4 1 against 3 2 4 1: 1 − 6 Σd² / 60.
    EXPECT_NEAR(*check.steps[1].magnitudes.coefficient.value, 0.6, 1e-15);
    EXPECT_NEAR(*check.steps[1].signedScores.coefficient.value, 1.0, 1e-15);
}

TEST(RandomisationCheck, FindsAnExplanationThatIgnoresTheWeights) {
    const std::vector<double> scores = drawnScores(12, 1);
    // Of the same magnitudes with other signs too: that is the input's part of input × gradient.
    for (const double factor : {1.0, 0.3, -1.0}) {
        const std::vector<RandomisedScores> cascade = {{"all", scaled(scores, factor)}};
        const RandomisationCheck check = randomisationCheck(scores, cascade);
        EXPECT_EQ(check.verdict, RandomisationVerdict::IgnoresWeights) << check.reason;
        EXPECT_TRUE(check.reason.starts_with("Spearman 1.000, p = ")) << check.reason;
        EXPECT_TRUE(check.reason.ends_with("after randomising down to all")) << check.reason;
    }
}

TEST(RandomisationCheck, GoesByTheLastStep) {
    const std::vector<double> scores = drawnScores(40, 1);
    const std::vector<double> others = drawnScores(40, 2);
    const std::vector<RandomisedScores> forgets = {{"head", scores}, {"all", others}};
    const std::vector<RandomisedScores> keeps = {{"head", others}, {"all", scores}};
    EXPECT_EQ(randomisationCheck(scores, forgets).verdict, RandomisationVerdict::DependsOnWeights);
    EXPECT_EQ(randomisationCheck(scores, keeps).verdict, RandomisationVerdict::IgnoresWeights);
}

// One in fifty may well be at ρ = 0.5 by chance; then it says so.
TEST(RandomisationCheck, AcquitsIndependentScoresAlmostAlways) {
    std::size_t acquitted = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const std::vector<RandomisedScores> cascade = {{"all", drawnScores(40, 100 + seed)}};
        const RandomisationCheck check = randomisationCheck(drawnScores(40, seed), cascade);
        acquitted += check.verdict == RandomisationVerdict::DependsOnWeights ? 1 : 0;
    }
    EXPECT_GE(acquitted, 48U);
}

TEST(RandomisationCheck, IsUndecidedWhereAHighCoefficientIsNotBeyondChance) {
    const std::vector<double> scores = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
    const std::vector<RandomisedScores> cascade = {{"all", {3.0, 1.0, 2.0, 6.0, 4.0, 5.0}}};
    const RandomisationCheck check = randomisationCheck(scores, cascade);
    EXPECT_EQ(check.verdict, RandomisationVerdict::Undecided);
    EXPECT_TRUE(check.reason.starts_with("Spearman 0.657, p = 0.15")) << check.reason;
}

TEST(RandomisationCheck, IsUndecidedForFourUnitsAndNotForFive) {
    const std::vector<double> five = {0.5, 0.1, 0.2, 0.9, 0.7};
    const std::vector<double> four(five.begin(), five.begin() + 4);
    const std::vector<RandomisedScores> sameFour = {{"all", four}};
    const std::vector<RandomisedScores> sameFive = {{"all", five}};
    const RandomisationCheck check = randomisationCheck(four, sameFour);
    EXPECT_EQ(check.verdict, RandomisationVerdict::Undecided);
    EXPECT_TRUE(check.reason.ends_with("4 units are too few for a verdict")) << check.reason;
    EXPECT_EQ(randomisationCheck(five, sameFive).verdict, RandomisationVerdict::IgnoresWeights);
}

TEST(RandomisationCheck, IsUndecidedWhereNothingVaries) {
    const std::vector<RandomisedScores> cascade = {{"all", {0.5, 0.5, 0.5}}};
    const RandomisationCheck check = randomisationCheck(std::vector{1.0, 2.0, 3.0}, cascade);
    EXPECT_EQ(check.verdict, RandomisationVerdict::Undecided);
    EXPECT_EQ(check.reason, "all values are equal");
}

TEST(RandomisationCheck, UsesTheSignedScoresWhereMagnitudesDoNotVary) {
    const std::vector<double> scores = {1.0, -1.0, 1.0, -1.0, 1.0, -1.0};
    const std::vector<RandomisedScores> cascade = {{"all", scores}};
    const RandomisationCheck check = randomisationCheck(scores, cascade);
    EXPECT_FALSE(check.steps[0].magnitudes.coefficient.value);
    EXPECT_EQ(check.verdict, RandomisationVerdict::IgnoresWeights) << check.reason;
    const std::vector<RandomisedScores> opposite = {{"all", scaled(scores, -1.0)}};
    EXPECT_EQ(randomisationCheck(scores, opposite).verdict, RandomisationVerdict::DependsOnWeights);
}

}  // namespace
}  // namespace driftlens::faithfulness
