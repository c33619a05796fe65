// Same answer, different reasons; and whether fragile prompts can be told beforehand.
#include "engine/drift/quadrants.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftlens {
namespace {

std::vector<std::size_t> numbersOf(const std::vector<ExampleDrift>& examples) {
    std::vector<std::size_t> out;
    for (const ExampleDrift& example : examples) out.push_back(example.example);
    return out;
}

using Numbers = std::vector<std::size_t>;

TEST(Quadrants, RankEveryExampleOnce) {
    const std::vector<ExampleDrift> examples = {
        {0, false, {0.05, ""}}, {1, false, {0.3, ""}}, {2, true, {0.2, ""}},
        {3, true, {0.1, ""}},   {4, false, {0.3, ""}}, {5, false, undefinedFigure("NaN")},
        {6, false, {0.5, ""}},  {7, false, {0.01, ""}}};
    const QuadrantTable table = quadrantsOf(examples, 0.1);
    EXPECT_EQ(numbersOf(table.of(Quadrant::SameAnswerSameReasons)), (Numbers{0, 7}));
    EXPECT_EQ(numbersOf(table.of(Quadrant::SameAnswerOtherReasons)), (Numbers{6, 1, 4}));
    EXPECT_EQ(numbersOf(table.of(Quadrant::OtherAnswerSameReasons)), (Numbers{3}));
    EXPECT_EQ(numbersOf(table.of(Quadrant::OtherAnswerOtherReasons)), (Numbers{2}));
    EXPECT_EQ(numbersOf(table.failed), (Numbers{5}));
    EXPECT_THROW(quadrantsOf(examples, 0.0), Error);
    EXPECT_EQ(quadrantName(Quadrant::SameAnswerOtherReasons), "same answer, other reasons");
}

// Over all pairs of a positive and a negative example.
double areaByPairs(const std::vector<double>& scores, const std::vector<std::uint8_t>& isPositive) {
    double wins = 0.0, pairs = 0.0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        for (std::size_t j = 0; j < scores.size(); ++j) {
            if (isPositive[i] == 0 || isPositive[j] != 0) continue;
            wins += scores[i] > scores[j] ? 1.0 : scores[i] == scores[j] ? 0.5 : 0.0;
            ++pairs;
        }
    }
    return wins / pairs;
}

TEST(AreaUnderRoc, IsTheShareOfPairsInOrder) {
    RandomStream random(10, "scores");
    for (int round = 0; round < 20; ++round) {
        std::vector<double> scores;
        std::vector<std::uint8_t> isPositive = {1, 0};
        for (int i = 0; i < 30; ++i) {
            scores.push_back(static_cast<double>(random.below(8)));  // with ties
            if (i >= 2) isPositive.push_back(random.below(3) == 0 ? 1 : 0);
        }
        EXPECT_NEAR(*areaUnderRoc(scores, isPositive).value, areaByPairs(scores, isPositive),
                    1e-14);
    }
}

TEST(AreaUnderRoc, NeedsBothKinds) {
    const std::vector<double> scores = {1.0, 2.0};
    EXPECT_EQ(areaUnderRoc(scores, std::vector<std::uint8_t>{0, 0}).reason, "no example flips");
    EXPECT_EQ(areaUnderRoc(scores, std::vector<std::uint8_t>{1, 1}).reason, "every example flips");
    EXPECT_EQ(areaUnderRoc(std::vector{1.0, std::nan("")}, std::vector<std::uint8_t>{0, 1}).reason,
              "a score is not finite");
    EXPECT_THROW(areaUnderRoc(scores, std::vector<std::uint8_t>{1}), Error);
}

// Prompts flip where margin + hidden is small: the margin tells half of it.
struct Prompts {
    std::vector<double> margins, hidden;
    std::vector<std::uint8_t> isFlip;
};

Prompts somePrompts() {
    RandomStream random(11, "prompts");
    Prompts out;
    for (int i = 0; i < 300; ++i) {
        out.margins.push_back(random.normal());
        out.hidden.push_back(random.normal());
        out.isFlip.push_back(out.margins.back() + out.hidden.back() < -1.5 ? 1 : 0);
    }
    return out;
}

TEST(Fragility, IsBetterOnlyForARankingThatKnowsMoreThanTheMargin) {
    const Prompts prompts = somePrompts();
    std::vector<double> informed, asTheMargin;
    for (std::size_t i = 0; i < prompts.margins.size(); ++i) {
        informed.push_back(-prompts.margins[i] - prompts.hidden[i]);
        asTheMargin.push_back(-2.0 * prompts.margins[i]);
    }
    const ResamplePlan plan = {.resamples = 300};
    const FragilityReport better = fragilityReport(informed, prompts.margins, prompts.isFlip, plan);
    EXPECT_EQ(*better.ranking.value, 1.0);
    EXPECT_GT(better.gainInterval.value->low, 0.0);
    EXPECT_TRUE(better.sentence.starts_with("the ranking is better than the margin alone: "))
        << better.sentence;
    const FragilityReport same =
        fragilityReport(asTheMargin, prompts.margins, prompts.isFlip, plan);
    EXPECT_EQ(*same.gain.value, 0.0);
    EXPECT_TRUE(same.sentence.starts_with("the ranking is not shown to be better"))
        << same.sentence;
    EXPECT_LT(same.marginInterval.value->low, *same.marginAlone.value);
    EXPECT_GT(same.marginInterval.value->high, *same.marginAlone.value);
    const FragilityReport worse =
        fragilityReport(prompts.margins, prompts.margins, prompts.isFlip, plan);
    EXPECT_TRUE(worse.sentence.starts_with("the ranking is worse than the margin alone"))
        << worse.sentence;
}

TEST(Fragility, WithoutFlipsSaysSo) {
    const std::vector<double> scores = {1.0, 2.0};
    const FragilityReport report =
        fragilityReport(scores, scores, std::vector<std::uint8_t>{0, 0}, {.resamples = 10});
    EXPECT_EQ(report.sentence, "fragile prompts cannot be ranked: no example flips");
}

}  // namespace
}  // namespace driftlens
