// What explain prints, from values made by hand.
#include "app/explanation_text.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

Explanation sample() {
    Explanation out;
    out.model.path = "models/base";
    out.model.scheme = "none";
    Attribution a;
    a.method = "m";
    for (const std::string text : {"the", "film"}) {
        out.input.tokens.emplace_back();
        out.input.tokens.back().text = text;
    }
    a.scores = {0.5, -0.25};
    out.results = {a};
    return out;
}

std::string textOf(const Explanation& explanation) {
    return explanationText(explanation, false);
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(ExplanationText, CanBeReadWithoutColour) {
    const std::string text = textOf(sample());
    EXPECT_TRUE(holds(text, "      +0.5000  ++++++++++++++++++++++++ the\n")) << text;
    EXPECT_TRUE(holds(text, "      -0.2500  ------------             film\n")) << text;
    EXPECT_FALSE(holds(text, "\033"));
    EXPECT_TRUE(holds(explanationText(sample(), true), "\033[34m------------\033[0m"));
}

TEST(ExplanationText, PrintsSmallScoresSoThatTheyDiffer) {
    Explanation e = sample();
    e.results[0].scores = {1.5e-6, -2.5e-7};
    EXPECT_TRUE(holds(textOf(e), "-2.500e-07")) << textOf(e);
}

TEST(ExplanationText, ShowsNormsWhereTheScoresAreSmallAgainstThem) {
    Explanation e = sample();
    e.results[0].norms = {0.75, 0.5};
    EXPECT_FALSE(holds(textOf(e), "norm")) << textOf(e);
    e.results[0].norms = {75.0, 50.0};
    EXPECT_TRUE(holds(textOf(e), "      -0.2500         50  ------------")) << textOf(e);
    EXPECT_TRUE(holds(textOf(e), "small against the norms"));
}

TEST(ExplanationText, ShowsErrorsOfTokensAndNoneOfVirtualOnes) {
    Explanation e = sample();
    e.results[0].virtualScores = {1.0};
    e.results[0].standardError = {0.125, 0.0625};
    const std::string text = textOf(e);
    EXPECT_TRUE(holds(text, "      -0.2500      0.0625  ------")) << text;
    EXPECT_TRUE(holds(text, "[virtual 1]\n"));
}

TEST(ExplanationText, AlignsFiguresBehindWideNamesAndGivesThreeAnswers) {
    Explanation e = sample();
    e.results[0].parts = {{"東京",
                           0,
                           -1,
                           -1,
                           {{"rank", 3.0}},
                           {{1, "a", -1}, {2, "b", -2}, {3, "c", -3}, {4, "d", -4}}},
                          {"block", 1, -1, -1, {{"rank", 10.0}}, {}}};
    const std::string text = textOf(e);
    EXPECT_TRUE(holds(text, "part   rank  best answers, log-probability\n")) << text;
    EXPECT_TRUE(holds(text, "東京      3  “a” -1, “b” -2, “c” -3\n")) << text;
    EXPECT_TRUE(holds(text, "block    10\n")) << text;
}

TEST(ExplanationText, OfManyPartsShowsTheLargestAndSaysSo) {
    Explanation e = sample();
    e.results[0].scores.clear();
    for (int i = 0; i < 200; ++i) {
        e.results[0].parts.push_back({"p" + std::to_string(i), -1, -1, -1, {}, {}});
        e.results[0].scores.push_back(i);
    }
    EXPECT_TRUE(holds(textOf(e), "the 60 largest of 200 parts"));
    EXPECT_FALSE(holds(textOf(e), " p139\n"));
    EXPECT_TRUE(holds(textOf(e), " p140\n"));
}

TEST(ExplanationText, ShowsGroupsInThePlaceOfTokensWithTheirRule) {
    Explanation e = sample();
    e.results[0].groups = {{"the film", {0, 8}, {0, 1}, 0.25}};
    e.results[0].groupRule = "words";
    EXPECT_TRUE(holds(textOf(e), "groups: words\n"));
    EXPECT_TRUE(holds(textOf(e), "++++ the film\n")) << textOf(e);
    EXPECT_FALSE(holds(textOf(e), " film\n      ")) << textOf(e);
}

TEST(MethodCardText, AlignsAndLeavesOutWhatIsEmpty) {
    const std::string text = methodCardText({"m",
                                             "Method",
                                             {{"definition", "what it is"}, {"caveats", ""}},
                                             {{"n", "5", "a|b", "how"}}});
    EXPECT_TRUE(holds(text, "definition      what it is\n")) << text;
    EXPECT_TRUE(holds(text, "  n=5           how: a, b\n")) << text;
    EXPECT_FALSE(holds(text, "caveats"));
}

}  // namespace
}  // namespace driftlens
