// The report of a comparison as a self-contained page.
#include "reports/writers/html.h"

#include "engine/compare/explain.h"
#include "tests/reports/markup.h"

#include <gtest/gtest.h>

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

TEST(HtmlReport, ShowsAStripPerModelAndTheDifferenceOnOneScale) {
    const Comparison comparison = compareSample("The film was not bad at all");
    const std::string html = toHtml(makeReport(comparison, "driftlens compare …", Json::object()));
    expectWellFormed(html);
    // Per method: the reference, and of each variant its strip and the difference.
    EXPECT_EQ(countOf(html, "<svg "), 2 * (1 + 2 * 2));
    EXPECT_EQ(countOf(html, "One scale for all strips"), 2U);
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
    expectWellFormed(html);
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

}  // namespace
}  // namespace driftlens
