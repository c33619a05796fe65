// Lineage, storage, removal and randomised weights as figures: whole whatever the values, and with
// their numbers in text.
#include "reports/figures/dot_rows.h"
#include "reports/figures/lineage.h"
#include "reports/figures/removal_curves.h"
#include "reports/figures/storage_bars.h"
#include "tests/reports/markup.h"

#include <cmath>

namespace driftlens {
namespace {

void expectSays(const std::string& svg, const std::string& part) {
    EXPECT_NE(svg.find(part), std::string::npos) << part;
}

const SvgCaption kCaption = {"title", "what it says"};

TEST(StorageBars, PrintTheNumbersOfEveryBar) {
    const std::vector<StorageRow> rows = {
        {"embeddings", {StorageCell{"F16", 16.0, std::nullopt}, std::nullopt}},
        {"blocks 0 to 3", {StorageCell{"F16", 16.0, 0.25}, StorageCell{"INT4 group 32", 5.0, {}}}}};
    const std::vector<std::string> figures =
        storageBarsSvg({"reference", "<int4>"}, rows, kCaption);
    ASSERT_EQ(figures.size(), 1U);
    expectFigure(figures[0]);
    for (const std::string part :
         {"&lt;int4&gt;", "INT4 group 32", ">16 bits<", ">25 % zeros<", ">5 bits<",
          "zeros not counted", "no such part", "a full bar is 16 bits", "blocks 0 to 3"})
        expectSays(figures[0], part);
}

// The track of 300 − 84 pixels: 5 of 16 bits, and a quarter of zeros.
TEST(StorageBars, AreAsLongAsTheirNumbersSay) {
    const std::string svg = storageBarsSvg({"a"},
                                           {{"block 0", {StorageCell{"F16", 16.0, 0.25}}},
                                            {"block 1", {StorageCell{"INT4", 5.0, std::nullopt}}}},
                                           kCaption)[0];
    expectSays(svg, "width=\"216\" height=\"9\" fill=\"#0072b2\"");
    expectSays(svg, "width=\"54\" height=\"7\" fill=\"#d55e00\"");
    expectSays(svg, "width=\"68\" height=\"9\" fill=\"#0072b2\"");
}

TEST(StorageBars, BreakIntoFiguresThatFitAPage) {
    const std::vector<StorageRow> rows(
        100, {"block", std::vector<std::optional<StorageCell>>(9, StorageCell{"F32", 32.0, 0.0})});
    const std::vector<std::string> figures =
        storageBarsSvg(std::vector<std::string>(9, "m"), rows, kCaption);
    std::size_t cells = 0;
    for (const std::string& svg : figures) {
        expectFigure(svg);
        cells += countOf(svg, ">0 % zeros<");
    }
    EXPECT_EQ(cells, 900U);
    EXPECT_EQ(storageBarsSvg({"m"}, {}, kCaption).size(), 0U);
    expectFigure(storageBarsSvg({"m"}, {{"rest", {StorageCell{"", 0.0, 2.0}}}}, kCaption)[0]);
}

TEST(Lineage, ShowsEveryStepInItsOrderAndWhatIsNotKnownDashed) {
    const LineageModel reference = {"base", {"bert, stored as F16", "150 kB", "SHA-256 aaa…"}};
    const std::string svg =
        lineageSvg(reference,
                   {{{"int4", {"bert", "50 kB"}}, {"prune, sparsity=0.5", "int4"}, "in memory"},
                    {{"other & more", {}}, {"how it was made: not recorded"}, "own files", false}},
                   kCaption)[0];
    expectFigure(svg);
    EXPECT_LT(svg.find("prune, sparsity=0.5"), svg.find(">int4<"));
    for (const std::string part : {"SHA-256 aaa…", "other &amp; more", "not recorded", "dasharray"})
        expectSays(svg, part);
    EXPECT_EQ(lineageSvg(reference, {}, kCaption).size(), 0U);
    const std::vector<LineageVariant> many(20, {{"v", {"line"}}, {"step"}, "from"});
    std::size_t boxes = 0;
    for (const std::string& each : lineageSvg(reference, many, kCaption)) {
        expectFigure(each);
        boxes += countOf(each, ">v</text>");
    }
    EXPECT_EQ(boxes, 20U);
}

// Against the closed form: the areas of a straight line and of a step.
TEST(RemovalCurves, GiveTheAreasUnderTheCurves) {
    EXPECT_DOUBLE_EQ(areaUnderCurve({1.0, 0.5, 0.0}), 0.5);
    EXPECT_DOUBLE_EQ(areaUnderCurve({1.0, 0.0, 0.0}), 0.25);
    EXPECT_TRUE(std::isnan(areaUnderCurve({1.0})));
    const std::string svg = removalCurvesSvg({{"reference", {1.0, 0.5, 0.0}, {0.0, 1.0, 1.0}},
                                              {"<v>", {1.0, NAN, 0.2}, {0.1, 0.2, 1.0}}},
                                             "probability", "title");
    expectFigure(svg);
    expectSays(svg, "reference: area 0.5 removing, 0.75 keeping");
    expectSays(svg, "&lt;v&gt;: area – removing");
    EXPECT_EQ(removalCurvesSvg({{"a", {}, {}}}, "p", "t"), "");
    const std::vector<double> longCurve(4097, 0.5);
    expectFigure(removalCurvesSvg({{"a", longCurve, longCurve}}, "p", "t"));
}

TEST(DotRows, StandWhereTheirValuesAre) {
    const std::string svg = dotRowsSvg({{"occlusion", {{-1.0, 1.0, NAN}}, "mean 0"}}, {"one"}, 0.5,
                                       "limit", "correlation", "title");
    expectFigure(svg);
    EXPECT_EQ(countOf(svg, "<circle"), 2U);
    expectSays(svg, "cx=\"220.0\"");
    expectSays(svg, "cx=\"554.0\"");
    expectSays(svg, "occlusion: mean 0");
    EXPECT_EQ(dotRowsSvg({}, {}, 0.5, "", "", ""), "");
}

}  // namespace
}  // namespace driftlens
