#include "xai/coalitions/hierarchy.h"

#include "tests/xai/coalitions/games.h"
#include "xai/coalitions/exact.h"
#include "xai/coalitions/owen.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace driftlens::coalitions {
namespace {

using Children = std::vector<std::array<std::size_t, 2>>;

struct TextCase {
    std::vector<std::string> segments;
    Children children;
};

// Made with shap 0.51.0: Text.clustering's tokens, partition_tree, separator "[SEP]".
std::vector<TextCase> textCases() {
    return {
        {{"The ", "acting ", "(",   "so ", "I ",  "hear", ") ", "was ", "good",
          ", ",   "but ",    "it ", "isn", "'",   "t ",   "a ", "film", ". ",
          "Why",  "? ",      "No ", "re",  "but", "tal",  "."},
         {{21, 22}, {25, 23}, {12, 13}, {27, 14}, {0, 1},   {3, 4},   {5, 6},   {7, 8},
          {15, 16}, {18, 19}, {30, 31}, {32, 9},  {10, 11}, {33, 17}, {20, 26}, {37, 28},
          {39, 24}, {2, 35},  {29, 42}, {40, 38}, {43, 36}, {34, 41}, {45, 44}, {47, 46}}},
        {{"[CLS] ", "one ", "two ", "[SEP] ", "[SEP] ", "three ", "(", "four ", "five ", "[SEP]"},
         {{1, 2}, {7, 8}, {6, 11}, {5, 12}, {0, 10}, {14, 3}, {4, 13}, {16, 9}, {15, 17}}},
        {{"((", "x", ")", ")", " a", "b", " c", "!"},
         {{4, 5}, {0, 1}, {9, 2}, {8, 6}, {11, 7}, {10, 3}, {13, 12}}},
        {{"(", "a", ") ", "(", "b", ")"}, {{1, 2}, {4, 5}, {0, 6}, {3, 7}, {8, 9}}},
        {{"a "}, {}}};
}

TEST(Hierarchy, TextTreesAreThoseOfShap) {
    for (const TextCase& text : textCases()) {
        const Hierarchy tree = textHierarchy(text.segments, std::vector<std::string>{"[SEP]"});
        EXPECT_EQ(tree.children, text.children) << text.segments.front();
        checkHierarchy(tree);
        EXPECT_EQ(nodeSizes(tree).back(), text.segments.size());
    }
}

TEST(Hierarchy, BuildersAreSoundForEverySize) {
    for (std::size_t players = 1; players <= 33; ++players) {
        for (const Hierarchy& tree : {balancedHierarchy(players), chainHierarchy(players)}) {
            checkHierarchy(tree);
            EXPECT_EQ(nodeSizes(tree).back(), players);
        }
    }
    EXPECT_EQ(balancedHierarchy(5).children, (Children{{0, 1}, {2, 3}, {5, 6}, {7, 4}}));
    EXPECT_EQ(chainHierarchy(4).children, (Children{{0, 1}, {4, 2}, {5, 3}}));
}

// reference/methods.md 2.4.
TEST(Owen, GoldenGame) {
    Evaluator evaluator(goldenGame());
    EXPECT_LE(largestDifference(exactShapley(evaluator)[0].values,
                                {2.866667, 1.0, 1.216667, 0.0, -0.2, 0.966667}),
              1e-6);
    const OwenValues owen = owenValues(evaluator, balancedHierarchy(6))[0];
    EXPECT_LE(largestDifference(owen.players.values, {2.70, 1.10, 1.05, 0.10, -0.40, 1.30}), 1e-12);
    EXPECT_DOUBLE_EQ(owen.players.full - owen.players.empty, 5.85);
    EXPECT_EQ(owen.unexpanded, 0U);
}

TEST(Owen, TwoPlayersGetTheirShapleyValues) {
    Evaluator evaluator(randomGame(2, 3));
    EXPECT_LE(largestDifference(owenValues(evaluator, balancedHierarchy(2))[0].players.values,
                                exactShapley(evaluator)[0].values),
              1e-15);
}

class EveryContext : public testing::TestWithParam<SiblingContext> {};
INSTANTIATE_TEST_SUITE_P(Contexts, EveryContext,
                         testing::Values(SiblingContext::Both, SiblingContext::Absent,
                                         SiblingContext::Present));

TEST_P(EveryContext, BudgetsAreKeptAndGrowIntoTheWhole) {
    const Game game = randomGame(12, 9);
    const Hierarchy tree = balancedHierarchy(12);
    Evaluator evaluator(game);
    const OwenValues whole = owenValues(evaluator, tree, {GetParam(), std::nullopt})[0];
    std::set<std::size_t> unexpanded;
    for (std::size_t budget = 2; budget <= whole.players.distinctEvaluations; ++budget) {
        const OwenValues part = owenValues(evaluator, tree, {GetParam(), budget})[0];
        EXPECT_LE(part.players.distinctEvaluations, budget);
        EXPECT_LE(std::abs(part.players.efficiencyGap), 1e-12);
        EXPECT_EQ(part.players.values,
                  owenValues(evaluator, tree, {GetParam(), budget})[0].players.values);
        unexpanded.insert(part.unexpanded);
        if (budget == whole.players.distinctEvaluations) {
            EXPECT_EQ(part.unexpanded, 0U);
            EXPECT_LE(largestDifference(part.players.values, whole.players.values), 1e-14);
        }
    }
    EXPECT_GT(unexpanded.size(), 3U);
}

TEST(Owen, WithoutEvaluationsToSpendEveryoneGetsTheSame) {
    Evaluator evaluator(polynomialGame(4, {{{0}, 1.0}, {{3}, 3.0}}));
    const OwenValues owen =
        owenValues(evaluator, balancedHierarchy(4), {SiblingContext::Both, 2})[0];
    EXPECT_EQ(owen.players.values, (std::vector{1.0, 1.0, 1.0, 1.0}));
    EXPECT_EQ(owen.unexpanded, 1U);
}

// Both halves change equally: the earlier one is taken apart first.
TEST(Owen, TiesGoToTheEarlierPart) {
    Evaluator evaluator(polynomialGame(4, {{{0}, 1.0}, {{2}, 1.0}}));
    const OwenPlan plan = {SiblingContext::Absent, 6};
    const OwenValues owen = owenValues(evaluator, balancedHierarchy(4), plan)[0];
    EXPECT_EQ(owen.players.values, (std::vector{1.0, 0.0, 0.5, 0.5}));
    EXPECT_EQ(owen.unexpanded, 1U);
}

// A deep chain is no obstacle for a budget.
TEST(Owen, BudgetsTameChains) {
    std::vector<Term> terms;
    for (std::size_t i = 0; i < 60; ++i) terms.push_back({{i}, static_cast<double>(i)});
    Evaluator evaluator(polynomialGame(60, terms));
    const OwenValues owen =
        owenValues(evaluator, chainHierarchy(60), {SiblingContext::Both, 300})[0];
    EXPECT_LE(owen.players.distinctEvaluations, 300U);
    EXPECT_NEAR(owen.players.values[59], 59.0, 1e-9);
}

}  // namespace
}  // namespace driftlens::coalitions
