// The report of a comparison as a self-contained page.
#include "reports/writers/html.h"

#include "engine/compare/explain.h"
#include "reports/figures/token_strip.h"

#include <gtest/gtest.h>

#include <regex>

namespace driftlens {
namespace {

const std::string kSample = "samples/sentiment-bert-mini";

Comparison compareSample(const std::string& prompt) {
    PromptRequest request;
    request.prompt = prompt;
    request.methods = {MethodRequest::parse("occlusion"), MethodRequest::parse("attention")};
    return comparePrompt(
        VariantSpec::parse(kSample),
        {VariantSpec::parse(kSample + "@int8"), VariantSpec::parse(kSample + "@int2")}, request,
        nullptr, {});
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

// Every element that is opened is closed, in order; void elements apart.
void expectBalanced(const std::string& html) {
    static const std::regex kTag("<(/?)([a-z0-9]+)[^>]*?(/?)>");
    std::vector<std::string> open;
    for (std::sregex_iterator tag(html.begin(), html.end(), kTag), end; tag != end; ++tag) {
        const std::string name = (*tag)[2];
        if (name == "meta" || name == "br" || (*tag)[3] == "/") continue;
        if ((*tag)[1] == "/") {
            ASSERT_FALSE(open.empty()) << "closes " << name;
            ASSERT_EQ(open.back(), name);
            open.pop_back();
        } else {
            open.push_back(name);
        }
    }
    EXPECT_TRUE(open.empty());
}

TEST(HtmlReport, ShowsAStripPerModelAndTheDifferenceOnOneScale) {
    const Comparison comparison = compareSample("The film was not bad at all");
    const std::string html = toHtml(makeReport(comparison, "driftlens compare …", Json::object()));
    expectBalanced(html);
    // Per method: the reference, and of each variant its strip and the difference.
    EXPECT_EQ(count(html, "<svg "), 2 * (1 + 2 * 2));
    EXPECT_EQ(count(html, "One scale for all strips"), 2U);
    for (const std::string part : {"What this does not establish", "int8", "int2", "not logged"})
        EXPECT_NE(html.find(part), std::string::npos) << part;
}

TEST(HtmlReport, NeedsNothingOutsideTheFile) {
    const std::string html =
        toHtml(makeReport(compareSample("The film was good"), "driftlens", Json::object()));
    for (const std::string part : {"<script", "src=", "<link", "@import", "url("})
        EXPECT_EQ(html.find(part), std::string::npos) << part;
}

TEST(HtmlReport, EscapesWhatAPromptContains) {
    const std::string prompt = "<script>alert('x')</script> & \"good\"";
    const Comparison comparison = compareSample(prompt);
    const std::string html = toHtml(makeReport(comparison, "driftlens " + prompt, Json::object()));
    expectBalanced(html);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_NE(html.find("&lt;script&gt;alert"), std::string::npos);
}

TEST(JsonReport, HoldsTheComparisonAsCompareJsonDoes) {
    const Comparison comparison = compareSample("The film was good");
    const Json json = toJson(makeReport(comparison, "driftlens", Json::object()));
    EXPECT_EQ(json["schema"], "driftlens/report/1");
    EXPECT_EQ(json["comparison"], toJson(comparison));
    EXPECT_FALSE(json["limits"].empty());
}

TEST(TokenStrip, WritesTheValueUnderEveryTokenAndWraps) {
    std::vector<Token> tokens;
    std::vector<double> scores;
    for (int i = 0; i < 40; ++i) {
        tokens.push_back({i, "Ġword", std::nullopt, false, 0});
        scores.push_back(i % 2 == 0 ? 0.5 : -0.25);
    }
    const std::string svg = tokenStripSvg(tokens, scores, 0.5, "title", 400);
    EXPECT_EQ(count(svg, "+0.5"), 20U);
    EXPECT_EQ(count(svg, "-0.25"), 20U);
    EXPECT_NE(svg.find("width=\"400\""), std::string::npos);
    EXPECT_EQ(svg.find("height=\"46\""), std::string::npos);  // more than one row
}

}  // namespace
}  // namespace driftlens
