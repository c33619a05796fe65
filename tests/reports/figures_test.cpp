// Figures as SVG: that they hold together whatever the tokens are, and say what they show.
#include "reports/figures/attention_matrix.h"
#include "reports/figures/attention_overview.h"
#include "reports/figures/colour.h"
#include "reports/figures/part_grid.h"
#include "reports/figures/token_strip.h"
#include "tests/reports/markup.h"

#include <cmath>

namespace driftlens {
namespace {

std::vector<Token> tokensOf(const std::vector<std::string>& texts) {
    std::vector<Token> out;
    for (const std::string& text : texts) {
        out.emplace_back();
        out.back().text = text;
    }
    return out;
}

std::vector<Token> numberedTokens(std::size_t count) {
    std::vector<Token> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.emplace_back();
        out.back().text = "t" + std::to_string(i);
    }
    return out;
}

// Every query looks at what stands before it, itself included, in equal shares.
AttentionMap causalMap(std::int64_t size, std::int64_t layer = 0, std::int64_t head = -1) {
    AttentionMap map{layer, head, size, std::vector<float>(static_cast<std::size_t>(size * size))};
    for (std::int64_t query = 0; query < size; ++query)
        for (std::int64_t key = 0; key <= query; ++key)
            map.values[static_cast<std::size_t>(query * size + key)] =
                1.0F / static_cast<float>(query + 1);
    return map;
}

// ---- colours

// WCAG 2's contrast of two colours, written as figures write them.
double luminanceOf(const std::string& colour) {
    int red = 0, green = 0, blue = 0;
    if (std::sscanf(colour.c_str(), "rgb(%d,%d,%d)", &red, &green, &blue) != 3) {
        std::string six = colour.substr(1);
        if (six.size() == 3) six = {six[0], six[0], six[1], six[1], six[2], six[2]};
        const int all = std::stoi(six, nullptr, 16);
        red = all >> 16;
        green = all >> 8 & 255;
        blue = all & 255;
    }
    const auto linear = [](int channel) {
        const double share = channel / 255.0;
        return share <= 0.03928 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

double contrast(const std::string& a, const std::string& b) {
    const double one = luminanceOf(a), other = luminanceOf(b);
    return (std::max(one, other) + 0.05) / (std::min(one, other) + 0.05);
}

TEST(FigureColours, EveryTextHasAContrastOfFourAndAHalfWithItsGround) {
    EXPECT_NEAR(contrast("#000", "#fff"), 21.0, 1e-9);
    for (int i = 0; i <= 100; ++i) {
        const double share = i / 100.0;
        EXPECT_GE(contrast(inkOn(share), sequentialColour(share)), 4.5) << share;
        for (const double sign : {-1.0, 1.0})
            EXPECT_GE(contrast("#222", divergingColour(sign * share, 1.0)), 4.5) << sign * share;
    }
    for (const char* ink : {"#222", "#444", "#667"})  // of figures' texts on paper
        EXPECT_GE(contrast(ink, "#fff"), 4.5) << ink;
}

TEST(TokenStrip, WritesTheValueUnderEveryTokenAndWraps) {
    std::vector<double> scores;
    for (int i = 0; i < 40; ++i) scores.push_back(i % 2 == 0 ? 0.5 : -0.25);
    const std::string svg = tokenStripSvg(numberedTokens(40), scores, 0.5, "title", 400);
    expectWellFormed(svg);
    EXPECT_EQ(countOf(svg, ">+0.5<"), 20U);
    EXPECT_EQ(countOf(svg, ">-0.25<"), 20U);
    EXPECT_NE(svg.find("width=\"400\""), std::string::npos);
    EXPECT_EQ(svg.find("height=\"46\""), std::string::npos);  // more than one row
}

TEST(TokenStrip, IsWellFormedForAnyText) {
    const std::vector<Token> tokens = tokensOf(hostileTexts());
    const std::string svg =
        tokenStripSvg(tokens, std::vector<double>(tokens.size(), 1.0), 1.0, hostileTexts().front());
    expectWellFormed(svg);
    EXPECT_EQ(svg.find("<script"), std::string::npos);
    EXPECT_EQ(svg.find(" onload=\"alert"), std::string::npos);
}

TEST(ReadableToken, IsOneVisibleLine) {
    EXPECT_EQ(readableToken(tokensOf({""})[0]), "␣");
    EXPECT_EQ(readableToken(tokensOf({"ĠĠ"})[0]), "␣␣");
    EXPECT_EQ(readableToken(tokensOf({"Ċ"})[0]), "⏎");
    EXPECT_EQ(readableToken(tokensOf({"\xFF"})[0]), "⟨FF⟩");
    EXPECT_EQ(readableToken(tokensOf({"##ing"})[0]), "##ing");
}

TEST(CutText, CountsColumnsAndCutsNoCharacter) {
    EXPECT_EQ(cutText("abcdef", 6), "abcdef");
    EXPECT_EQ(cutText("abcdefg", 6), "abcde…");
    EXPECT_EQ(cutText("東京東京", 6), "東京…");
}

TEST(SequentialColour, DarkensWithEveryStep) {
    double before = 1e9;
    for (int i = 0; i <= 20; ++i) {
        int red = 0;
        int green = 0;
        int blue = 0;
        ASSERT_EQ(
            std::sscanf(sequentialColour(i / 20.0).c_str(), "rgb(%d,%d,%d)", &red, &green, &blue),
            3);
        const double luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        EXPECT_LT(luma, before);
        before = luma;
    }
}

TEST(AttentionMatrix, HasACellWithItsValueForEveryPairThatIsNotMasked) {
    const std::string svg = attentionMatrixSvg(causalMap(4), numberedTokens(4));
    expectWellFormed(svg);
    EXPECT_EQ(countOf(svg, "<g><title>"), 10U);
    EXPECT_NE(svg.find("<title>t3 → t0: 0.25</title>"), std::string::npos);
    EXPECT_EQ(countOf(svg, ">25</text>"), 4U);
    EXPECT_NE(svg.find("<title>Attention, layer 0, mean of heads</title>"), std::string::npos);
    EXPECT_NE(svg.find("t0 → t0 1; t1 → t0 0.5;"), std::string::npos);
}

TEST(AttentionMatrix, OfALongPromptSaysWhatItLeavesOut) {
    const std::string svg = attentionMatrixSvg(causalMap(100), numberedTokens(100));
    expectWellFormed(svg);
    EXPECT_NE(svg.find("52 tokens in the middle left out"), std::string::npos);
    EXPECT_EQ(svg.find(">t16</text>"), std::string::npos);
    EXPECT_NE(svg.find(">t99</text>"), std::string::npos);
    EXPECT_LT(svg.size(), std::size_t{400000});
}

TEST(AttentionMatrix, LeavesOutRowsThatAreKeysAlone) {
    AttentionMap map = causalMap(3);
    map.values[0] = 0.0F;  // the first is a virtual token of a prefix
    Attribution attribution;
    attribution.virtualScores = {0.1};
    const std::vector<Token> labels = attentionLabels(attribution, numberedTokens(2));
    const std::string svg = attentionMatrixSvg(map, labels);
    EXPECT_EQ(countOf(svg, ">[virtual 1]</text>"), 1U);  // as a column
    EXPECT_EQ(countOf(svg, ">t1</text>"), 2U);
}

TEST(AttentionMatrix, IsWellFormedForAnyText) {
    const std::vector<Token> tokens = tokensOf(hostileTexts());
    const std::string svg =
        attentionMatrixSvg(causalMap(static_cast<std::int64_t>(tokens.size())), tokens);
    expectWellFormed(svg);
    EXPECT_EQ(svg.find("<script"), std::string::npos);
}

TEST(MeanOverLayers, AveragesTheMeansOfTheHeads) {
    AttentionMap first{0, -1, 1, {0.2F}};
    AttentionMap head{0, 0, 1, {9.0F}};
    AttentionMap second{1, -1, 1, {0.4F}};
    const std::vector<AttentionMap> mean = meanOverLayers({first, head, second});
    ASSERT_EQ(mean.size(), 1U);
    EXPECT_FLOAT_EQ(mean[0].values[0], 0.3F);
    EXPECT_EQ(attentionMapName(mean[0]), "all layers, mean of heads");
    EXPECT_TRUE(meanOverLayers({}).empty());
}

TEST(HeadFigures, CountTheTokensThatAHeadLooksAt) {
    AttentionMap uniform{0, 0, 4, std::vector<float>(16, 0.25F)};
    EXPECT_NEAR(headFigures(uniform).effectiveKeys, 4.0, 1e-6);
    EXPECT_NEAR(headFigures(uniform).firstKey, 0.25, 1e-6);
    // A row of zeros is no query.
    for (std::size_t i = 0; i < 4; ++i) uniform.values[i] = 0.0F;
    EXPECT_NEAR(headFigures(uniform).effectiveKeys, 4.0, 1e-6);
    AttentionMap sink{0, 0, 2, {1.0F, 0.0F, 1.0F, 0.0F}};
    EXPECT_NEAR(headFigures(sink).effectiveKeys, 1.0, 1e-6);
    EXPECT_NEAR(headFigures(sink).firstKey, 1.0, 1e-6);
}

TEST(AttentionOverview, HasAMatrixPerLayerAndHeadAndTheirMean) {
    std::vector<AttentionMap> maps;
    for (std::int64_t layer = 0; layer < 2; ++layer)
        for (std::int64_t head = -1; head < 3; ++head) maps.push_back(causalMap(5, layer, head));
    const std::string svg = attentionOverviewSvg(maps);
    expectWellFormed(svg);
    EXPECT_EQ(countOf(svg, "<g><title>layer "), 8U);
    EXPECT_NE(svg.find("<title>layer 1, head 2: looks at 3 tokens; first column 0.46</title>"),
              std::string::npos);
    EXPECT_EQ(svg.find("a cell is"), std::string::npos);
    EXPECT_EQ(attentionOverviewSvg({}), "");
}

TEST(AttentionOverview, OfALargeModelAndALongPromptStaysSmallAndSaysSo) {
    std::vector<AttentionMap> maps;
    for (std::int64_t layer = 0; layer < 16; ++layer)
        for (std::int64_t head = -1; head < 16; ++head) maps.push_back(causalMap(130, layer, head));
    const std::string svg = attentionOverviewSvg(maps);
    EXPECT_LT(svg.size(), std::size_t{2} << 20U);
    EXPECT_NE(svg.find("a cell is "), std::string::npos);
}

Attribution gridOf(std::int64_t layers, std::int64_t heads) {
    Attribution out;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const std::string block = "blocks." + std::to_string(layer);
        for (std::int64_t head = 0; head < heads; ++head) {
            out.parts.push_back(
                {block + ".attn.head." + std::to_string(head), layer, head, -1, {}, {}});
            out.scores.push_back(head == 1 ? -0.5 : 0.25);
        }
        out.parts.push_back({block + ".mlp.out", layer, -1, -1, {}, {}});
        out.scores.push_back(1.0);
    }
    out.parts.push_back({"embeddings", -1, -1, -1, {}, {}});
    out.scores.push_back(9.0);  // in no layer: in the table alone
    return out;
}

TEST(PartGrid, PutsHeadsAndModulesOfALayerInARow) {
    const std::string svg = partGridSvg(gridOf(3, 2), {});
    expectWellFormed(svg);
    EXPECT_EQ(countOf(svg, "<g><title>"), 9U);
    EXPECT_EQ(countOf(svg, ">-0.5</text>"), 3U);
    EXPECT_EQ(countOf(svg, ">head 1</text>"), 1U);
    EXPECT_EQ(countOf(svg, ">mlp.out</text>"), 1U);
    EXPECT_NE(svg.find("<title>blocks.2.attn.head.1: -0.5</title>"), std::string::npos);
    EXPECT_NE(svg.find("full colour is ±1"), std::string::npos);
}

TEST(PartGrid, NamesPositionsByTheirTokens) {
    Attribution a;
    for (std::int64_t i = 0; i < 4; ++i) {
        a.parts.push_back(
            {"blocks." + std::to_string(i / 2) + ".resid_out." + std::to_string(i % 2),
             i / 2,
             -1,
             i % 2,
             {},
             {}});
        a.scores.push_back(0.5);
    }
    const std::string svg = partGridSvg(a, tokensOf({"</text><script>", "Ġfilm"}));
    expectWellFormed(svg);
    EXPECT_EQ(countOf(svg, "> film</text>"), 1U);
    EXPECT_EQ(svg.find("<script"), std::string::npos);
}

TEST(PartGrid, IsNothingWhereThereIsNoGridOrTooLargeAOne) {
    EXPECT_EQ(partGridSvg(gridOf(1, 3), {}), "");
    EXPECT_EQ(partGridSvg(gridOf(3, 0), {}), "");
    EXPECT_EQ(partGridSvg(gridOf(3, 64), {}), "");
    EXPECT_EQ(partGridSvg({}, {}), "");
}

// Pooled cells keep probabilities: a query block's row still adds up to one.
TEST(AttentionOverview, PoolsKeysBySumAndQueriesByMean) {
    std::vector<AttentionMap> maps = {{0, -1, 48, std::vector<float>(48 * 48, 0.0F)}};
    for (std::size_t query = 0; query < 48; ++query) {
        maps[0].values[query * 48] = 0.5F;
        maps[0].values[query * 48 + 1] = 0.5F;
    }
    // Both keys fall into the first of 24 columns, which is darkest then.
    const std::string svg = attentionOverviewSvg(maps);
    EXPECT_NE(svg.find("<path fill=\"" + sequentialColour(1.0) + "\" d=\"M0 0h1v1h-1z"),
              std::string::npos);
}

}  // namespace
}  // namespace driftlens
