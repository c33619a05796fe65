// Plots: whole whatever the values, with their numbers in text, and no style sheet.
#include "reports/figures/distribution.h"
#include "reports/figures/paired_strips.h"
#include "reports/figures/pareto.h"
#include "reports/figures/quadrant_scatter.h"
#include "reports/figures/site_curves.h"
#include "tests/reports/markup.h"

#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

std::vector<Token> tokens(std::size_t count) {
    std::vector<Token> out(count);
    for (std::size_t i = 0; i < count; ++i) out[i].text = "t" + std::to_string(i);
    return out;
}

TEST(Distribution, CountsStandAboveTheBarsAndLeaveOutWhatIsNotFinite) {
    const std::string svg = distributionSvg(
        {{"a", {0.0, 0.1, 0.1, 0.9, NAN}}, {"b", {}}, {"c", {0.5}}}, "KL", "spread");
    expectFigure(svg);
    for (const char* part : {"a (4 examples)", "median 0.1, most 0.9", "b: no value"})
        EXPECT_NE(svg.find(part), std::string::npos) << part;
    EXPECT_EQ(distributionSvg({{"a", {}}}, "KL", "spread"), "");
    expectFigure(distributionSvg({{"a", {2.0, 2.0}}}, "KL", "all the same"));
    expectFigure(distributionSvg({{"a", {-3e-9, 1e-9}}}, "KL", "tiny and negative"));
}

TEST(QuadrantScatter, SaysHowManyStandWhere) {
    const std::string svg = quadrantScatterSvg(
        {{0.0, 0.0, false}, {0.1, 0.5, false}, {0.2, 0.0, true}, {0.3, 0.9, true}, {0, NAN, true}},
        0.1, "KL", "drift", "quadrants");
    expectFigure(svg);
    EXPECT_NE(svg.find("same answer, other reasons: 1; other answer, same reasons: 1"),
              std::string::npos);
    EXPECT_EQ(quadrantScatterSvg({}, 0.1, "KL", "drift", "none"), "");
}

TEST(SiteCurves, NamesTheLayerOfTheLargestValue) {
    const std::string svg =
        siteCurvesSvg({"0", "1", "2"}, {{"a", {0.1, NAN, 0.3}}, {"b", {}}}, "SQNR", "by layer");
    expectFigure(svg);
    EXPECT_NE(svg.find("a: most 0.3 at 2"), std::string::npos);
}

TEST(Pareto, FindsWhatNoOtherBeats) {
    const std::vector<ParetoPoint> points = {{"small", 1e6, 0.5, 0.4, 0.6},
                                             {"large", 4e6, 0.1, std::nullopt, std::nullopt},
                                             {"beaten", 5e6, 0.2, 0.1, 0.3}};
    EXPECT_EQ(paretoFront(points), (std::vector<bool>{true, true, false}));
    const std::string svg = paretoSvg(points, "KL", "size and drift");
    expectFigure(svg);
    EXPECT_NE(svg.find("small: 1.0 MB, 0.5 (0.4 to 0.6), not beaten"), std::string::npos);
}

TEST(PairedStrips, LongTextsKeepEverySumAndTheLargestTokens) {
    std::vector<double> scores(4096, 0.001);
    scores[7] = 1.0;
    scores[4000] = -2.0;
    const StripContent content = shortened(tokens(4096), {{"reference", scores}}, 10);
    EXPECT_EQ(content.leftOut, 4086U);
    const std::vector<double>& kept = content.rows[0].scores;
    EXPECT_NEAR(std::accumulate(kept.begin(), kept.end(), 0.0),
                std::accumulate(scores.begin(), scores.end(), 0.0), 1e-9);
    EXPECT_TRUE(std::any_of(content.tokens.begin(), content.tokens.end(),
                            [](const Token& token) { return token.text == "t4000"; }));
}

TEST(PairedStrips, BreakIntoFiguresThatFitAPage) {
    const std::vector<double> scores(200, -0.25);
    const std::vector<std::string> figures = pairedStripsSvg(
        {tokens(200), {{"reference", scores}, {"int4", scores}, {"change", scores}}, 0}, 1.0, "t");
    EXPECT_GT(figures.size(), 1U);
    std::size_t values = 0;
    for (const std::string& svg : figures) {
        expectFigure(svg);
        values += countOf(svg, ">-0.25<");
    }
    EXPECT_EQ(values, 600U);
}

}  // namespace
}  // namespace driftlens
