// The files of an explanation, from values made by hand: every kind of result, hostile texts in it.
#include "reports/document/explanation.h"

#include "core/base/error.h"
#include "engine/compare/method_card.h"
#include "reports/writers/explanation_csv.h"
#include "reports/writers/explanation_html.h"
#include "reports/writers/explanation_svg.h"
#include "tests/reports/markup.h"

#include <map>

namespace driftlens {
namespace {

Explanation explanationOf(const std::vector<std::string>& texts) {
    Explanation out;
    out.model.path = "models/<base>";
    out.model.scheme = "none";
    out.target.text = texts.front();
    out.targetValue = -0.5;
    for (const std::string& text : texts) {
        out.input.tokens.emplace_back();
        out.input.tokens.back().id = static_cast<std::int64_t>(out.input.tokens.size());
        out.input.tokens.back().text = text;
    }
    out.input.text = texts.front();
    Attribution a;
    a.method = "integrated_gradients";
    a.settings = {{"nodes", "50"}};
    a.baseline = "zero embedding";
    for (std::size_t i = 0; i < texts.size(); ++i) a.scores.push_back(i % 2 == 0 ? 0.1 : -0.25);
    out.results = {a};
    return out;
}

Explanation sample() {
    Explanation out = explanationOf({"The", "film", "sings"});
    out.input.tokens[1].bytes = ByteRange{4, 8};
    return out;
}

// As a lens gives them: two parts with a figure and answers each.
Explanation byParts() {
    Explanation out = sample();
    Attribution& a = out.results.front();
    a.scores = {0.5, -0.125};
    a.parts = {{"blocks.0.resid_out", 0, -1, -1, {{"rank", 3.0}}, {{7, " lamp", -0.25}}},
               {"blocks.1.resid_out", 1, -1, -1, {{"rank", 1.0}}, {{8, "<b>", -1.5}}}};
    return out;
}

std::string htmlOf(const Explanation& explanation) {
    return explanationHtml(explanation,
                           {"2026-01-31T12:00:00Z", "driftlens explain", Json::object()});
}

// ---- CSV

TEST(ExplanationCsv, HasARowPerTokenWithNumbersThatReadBackExactly) {
    EXPECT_EQ(explanationCsv(sample()),
              "method,index,id,text,start,end,score,norm,standard_error\r\n"
              "integrated_gradients,0,1,The,,,0.1,,\r\n"
              "integrated_gradients,1,2,film,4,8,-0.25,,\r\n"
              "integrated_gradients,2,3,sings,,,0.1,,\r\n");
}

TEST(ExplanationCsv, HasNormsErrorsAndVirtualTokensWhereThereAreAny) {
    Explanation e = sample();
    e.results[0].norms = {1.0, 2.0, 4.0};
    e.results[0].standardError = {0.5, 0.25, 0.125};
    e.results[0].virtualScores = {3.0, 5.0};
    const std::string csv = explanationCsv(e);
    EXPECT_NE(csv.find("integrated_gradients,-2,,[virtual 1],,,3,,\r\n"), std::string::npos) << csv;
    EXPECT_NE(csv.find("integrated_gradients,-1,,[virtual 2],,,5,,\r\n"), std::string::npos);
    EXPECT_NE(csv.find("film,4,8,-0.25,2,0.25\r\n"), std::string::npos);
}

TEST(ExplanationCsv, HasARowPerPartInsteadOfPerToken) {
    const std::string csv = explanationCsv(byParts());
    EXPECT_EQ(countOf(csv, "\r\n"), 3U);
    EXPECT_NE(csv.find("integrated_gradients,1,,blocks.1.resid_out,,,-0.125,,\r\n"),
              std::string::npos);
}

TEST(ExplanationCsv, LetsNoTextBecomeAFormulaOrANewCell) {
    const std::string csv = explanationCsv(
        explanationOf({"=1+1", "+1", "-1", "@x", "\tx", "\rx", "a,b", "say \"x\"", "a\nb"}));
    for (const std::string cell : {",'=1+1,", ",'+1,", ",'-1,", ",'@x,", ",'\tx,", ",\"'\rx\",",
                                   ",\"a,b\",", ",\"say \"\"x\"\"\",", ",\"a\nb\","})
        EXPECT_EQ(countOf(csv, cell), 1U) << cell;
}

TEST(ExplanationCsv, IsValidUtf8WithoutNulForAnyText) {
    const std::string csv = explanationCsv(explanationOf(hostileTexts()));
    EXPECT_EQ(textForXml(csv), csv);
}

// ---- HTML

TEST(ExplanationHtml, ShowsScoresSettingsAndErrorBars) {
    Explanation e = sample();
    e.results[0].completenessGap = 0.00125;
    e.results[0].gradient = GradientKind::StraightThrough;
    e.results[0].warnings = {"the path is steep"};
    const std::string html = htmlOf(e);
    expectWellFormed(html);
    for (const std::string part :
         {"Driftlens: why", "nodes=50", "zero embedding", "0.00125", "those of a surrogate",
          "Warning: the path is steep.", "<main>", "<header>", "scope=\"col\"",
          "What Integrated Gradients is", "Sundararajan", "not written to an audit log"})
        EXPECT_NE(html.find(part), std::string::npos) << part;
    EXPECT_EQ(countOf(html, "<svg "), 1U);
}

TEST(ExplanationHtml, NeedsNothingOutsideTheFileAndNoScript) {
    Explanation e = sample();
    e.results[0].attention = {{0, -1, 3, std::vector<float>(9, 0.25F)},
                              {0, 0, 3, std::vector<float>(9, 0.25F)}};
    const std::string html = htmlOf(e);
    expectWellFormed(html);
    for (const std::string part : {"<script", "src=", "href=", "<link", "@import", "url("})
        EXPECT_EQ(html.find(part), std::string::npos) << part;
    // The strip, the overview, the mean of the layers and the one layer.
    EXPECT_EQ(countOf(html, "<svg "), 4U);
}

TEST(ExplanationHtml, IsWellFormedForAnyText) {
    Explanation e = explanationOf(hostileTexts());
    Attribution& a = e.results[0];
    a.warnings = {hostileTexts().front()};
    a.baseline = hostileTexts().front();
    for (std::size_t i = 0; i < hostileTexts().size(); ++i)
        a.groups.push_back({hostileTexts()[i], {}, {i}, 0.5});
    a.groupRule = "words";
    const std::string html = htmlOf(e);
    expectWellFormed(html);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_EQ(html.find("\u202E"), std::string::npos);
}

TEST(ExplanationHtml, ShowsPartsWithTheirFiguresAndAnswers) {
    const std::string html = htmlOf(byParts());
    expectWellFormed(html);
    EXPECT_NE(html.find("<th scope=\"col\">rank</th>"), std::string::npos);
    EXPECT_NE(html.find("“ lamp” -0.25"), std::string::npos);
    EXPECT_NE(html.find("“&lt;b&gt;” -1.5"), std::string::npos);
    EXPECT_EQ(html.find("<th scope=\"col\">token</th>"), std::string::npos);
}

TEST(ExplanationHtml, SaysWhyThereAreNoGroups) {
    Explanation e = byParts();
    e.results[0].groupRule = "none: parts";
    EXPECT_NE(htmlOf(e).find("none: parts"), std::string::npos);
}

TEST(ExplanationHtml, OfALongPromptWithManyLayersSaysWhatIsLeftOut) {
    Explanation e = explanationOf(std::vector<std::string>(100, "x"));
    for (std::int64_t layer = 0; layer < 12; ++layer)
        e.results[0].attention.push_back({layer, -1, 100, std::vector<float>(10000, 0.01F)});
    const std::string html = htmlOf(e);
    EXPECT_NE(html.find("more layers are left out"), std::string::npos);
    EXPECT_LT(html.size(), std::size_t{6} << 20U);
}

// ---- SVG

TEST(ExplanationSvg, StacksAStripPerMethodAndIsAFileOfItsOwn) {
    Explanation e = sample();
    e.results.push_back(e.results.front());
    e.results[1].method = "occlusion";
    e.results[1].groups = {{"The film", {0, 8}, {0, 1}, -0.15}};
    const std::string svg = explanationSvg(e);
    expectWellFormed(svg);
    EXPECT_TRUE(svg.starts_with("<?xml "));
    EXPECT_EQ(countOf(svg, "<svg "), 1U);
    EXPECT_EQ(countOf(svg, ">film</text>"), 2U);
    EXPECT_EQ(countOf(svg, ">The film</text>"), 1U);
    EXPECT_EQ(countOf(svg, "full colour is ±0.25"), 2U);
}

TEST(ExplanationSvg, IsWellFormedForAnyText) {
    const std::string svg = explanationSvg(explanationOf(hostileTexts()));
    expectWellFormed(svg);
    EXPECT_EQ(svg.find("<script"), std::string::npos);
}

TEST(ExplanationSvg, OfManyPartsShowsTheLargestAndSaysSo) {
    Explanation e = sample();
    Attribution& a = e.results[0];
    a.scores.clear();
    for (int i = 0; i < 500; ++i) {
        a.parts.push_back({"part" + std::to_string(i), -1, -1, -1, {}, {}});
        a.scores.push_back(i);
    }
    const std::string svg = explanationSvg(e);
    EXPECT_NE(svg.find("the 120 largest of 500"), std::string::npos);
    EXPECT_EQ(svg.find(">part379</text>"), std::string::npos);
    EXPECT_NE(svg.find(">part380</text>"), std::string::npos);
}

// ---- JSON

TEST(ExplanationJson, KeepsItsKeysAndAddsWhatIsThere) {
    Explanation e = sample();
    Json result = toJson(e)["results"][0];
    EXPECT_EQ(result["tokens"][1],
              Json({{"id", 2}, {"text", "film"}, {"start", 4}, {"end", 8}, {"score", -0.25}}));
    for (const std::string key : {"parts", "groups", "group_rule", "attention"})
        EXPECT_FALSE(result.contains(key)) << key;
    e.results[0].norms = {1.0, 2.0, 4.0};
    e.results[0].groups = {{"film", {4, 8}, {1}, -0.25}, {"[SEP]", {}, {2}, 0.5}};
    e.results[0].groupRule = "words";
    result = toJson(e)["results"][0];
    EXPECT_EQ(result["tokens"][1]["norm"], 2.0);
    EXPECT_EQ(result["group_rule"], "words");
    EXPECT_EQ(result["groups"][0], Json({{"text", "film"},
                                         {"start", 4},
                                         {"end", 8},
                                         {"tokens", Json::array({1})},
                                         {"score", -0.25}}));
    EXPECT_TRUE(result["groups"][1]["start"].is_null());
}

TEST(ExplanationJson, GivesScoresToPartsInsteadOfTokens) {
    const Json result = toJson(byParts())["results"][0];
    ASSERT_EQ(result["tokens"].size(), 3U);
    EXPECT_FALSE(result["tokens"][0].contains("score"));
    ASSERT_EQ(result["parts"].size(), 2U);
    const Json answer = {{"id", 7}, {"text", " lamp"}, {"log_probability", -0.25}};
    EXPECT_EQ(result["parts"][0], Json({{"name", "blocks.0.resid_out"},
                                        {"layer", 0},
                                        {"head", nullptr},
                                        {"position", nullptr},
                                        {"score", 0.5},
                                        {"figures", {{"rank", 3.0}}},
                                        {"answers", Json::array({answer})}}));
}

TEST(ExplanationJson, HoldsAttentionMapsIfAskedFor) {
    Explanation e = sample();
    e.results[0].attention = {{2, -1, 2, {1.0F, 0.0F, 0.5F, 0.25F}}};
    EXPECT_FALSE(toJson(e)["results"][0].contains("attention"));
    const Json found = toJson(e, {.withAttention = true})["results"][0]["attention"];
    EXPECT_EQ(found, Json::parse(R"([{"layer":2,"head":null,"values":[[1.0,0.0],[0.5,0.25]]}])"));
}

// ---- cards

TEST(MethodCard, SaysWhatTheRowOfTheRegistrySays) {
    const MethodCard card = methodCard("integrated_gradients");
    EXPECT_EQ(card.title, "Integrated Gradients");
    std::map<std::string, std::string> facts;
    for (const MethodCard::Fact& fact : card.facts) facts[fact.name] = fact.text;
    EXPECT_TRUE(facts["complete"].starts_with("yes"));
    ASSERT_FALSE(card.settings.empty());
    EXPECT_EQ(card.settings[0].name, "nodes");
    EXPECT_EQ(card.settings[0].allowed, "an integer from 1 to 4096");
    EXPECT_THROW(methodCard("magic"), Error);
}

}  // namespace
}  // namespace driftlens
