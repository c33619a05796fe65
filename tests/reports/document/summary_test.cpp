// The plain-language rules, each on numbers made for it.
#include "reports/document/summary.h"

#include "reports/document/document.h"
#include "tests/reports/sample_report.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace driftlens {
namespace {

std::string joined(const Json& report) {
    std::string out;
    for (const std::string& line : plainSummary(report)) out += line + "\n";
    return out;
}

void expectSays(const Json& report, const std::vector<std::string>& parts) {
    const std::string all = joined(report);
    for (const std::string& part : parts)
        EXPECT_NE(all.find(part), std::string::npos) << part << "\n" << all;
}

TEST(PlainSummary, HasFourToSixLines) {
    for (const Json& report : {samplePromptReport(), sampleDatasetReport()}) {
        const std::size_t lines = plainSummary(report).size();
        EXPECT_GE(lines, 4U);
        EXPECT_LE(lines, 6U);
        EXPECT_EQ(report["summary"], Json(plainSummary(report)));
    }
}

TEST(PlainSummary, SaysWhatWasAskedAndWhatTheReferenceLeanedOn) {
    expectSays(samplePromptReport(), {"base and 2 compressed variants", "“not good”",
                                      "why the reference answers “positive”",
                                      "leaned most on “not”; “good” spoke against it"});
}

TEST(PlainSummary, SaysWhichVariantChangedItsAnswer) {
    expectSays(samplePromptReport(),
               {"base@int8 keeps the answer “positive” (probability of the reference's answer 0.9 "
                "→ 0.89)",
                "base@int4 answers “negative” instead of “positive”"});
}

TEST(PlainSummary, NamesWordsThatAreNewAmongTheFirst) {
    Json report = samplePromptReport({"a", "b", "c", "d"});
    Json& drift = report["comparison"]["variants"][1]["explanations"][0];
    drift["reference_scores"] = {0.9, 0.8, 0.7, 0.0};
    drift["variant_scores"] = {0.9, 0.8, 0.0, 0.7};
    expectSays(report, {"it now leans on “d”, which was not among the reference's first"});
}

TEST(PlainSummary, AChangeWithinRoundingIsCalledThat) {
    Json report = samplePromptReport();
    for (Json& variant : report["comparison"]["variants"])
        variant["explanations"][0]["largest_difference"] = 1e-7;
    expectSays(report, {"this is rounding"});
}

TEST(PlainSummary, ChangeWithoutAFloorIsNotJudged) {
    Json report = samplePromptReport();
    for (Json& variant : report["comparison"]["variants"])
        variant["explanations"][0].erase("yardsticks");
    expectSays(report, {"cannot be judged"});
}

TEST(PlainSummary, ManyVariantsAreCounted) {
    Json report = samplePromptReport();
    Json& variants = report["comparison"]["variants"];
    variants.push_back(variants[0]);
    variants.push_back(variants[1]);
    expectSays(report, {"2 of 4 variants change the answer"});
}

TEST(PlainSummary, WithoutAnExplanationItSaysSo) {
    Json report = samplePromptReport();
    for (Json& variant : report["comparison"]["variants"]) variant["explanations"] = Json::array();
    expectSays(report, {"No explanation was asked for"});
}

TEST(PlainSummary, EveryVerdictOfADataSetHasPlainWords) {
    expectSays(sampleDatasetReport(12, "material"),
               {"changes the answer in 10 % of the examples (95 % interval 5 % to 15 %)",
                "changed by more than the declared margin"});
    expectSays(sampleDatasetReport(12, "immaterial"), {"stayed within the declared margin"});
    expectSays(sampleDatasetReport(12, "not detectable"), {"no more than the reference's own"});
    expectSays(sampleDatasetReport(12, "too few examples"),
               {"cannot be said from so few examples", "more examples would be needed"});
    expectSays(sampleDatasetReport(12, "not judged"), {"its reasons were not judged"});
}

TEST(PlainSummary, ADataSetSaysWhatAccuracyHidesAndWhichLimitsFailed) {
    expectSays(sampleDatasetReport(),
               {"the answer stayed but the reasons changed: 3 with base@int4",
                "Of 1 declared limit, 1 failed", "In example 3"});
}

TEST(Headline, IsTheWorstOfAllVariants) {
    using enum Headline::Outcome;
    EXPECT_EQ(headlineOf(samplePromptReport()).outcome, Changed);
    Json kept = samplePromptReport();
    kept["comparison"]["variants"][1]["fidelity"]["flip"] = false;
    EXPECT_EQ(headlineOf(kept).outcome, Unchanged);
    EXPECT_EQ(headlineOf(sampleDatasetReport(12, "material")).outcome, Changed);
    Json limited = sampleDatasetReport(12, "immaterial");
    limited["dataset"]["gates"][0]["outcome"] = "met";
    EXPECT_EQ(headlineOf(limited).outcome, Unchanged);
    Json few = sampleDatasetReport(12, "too few examples");
    few["dataset"]["gates"][0]["outcome"] = "met";
    EXPECT_EQ(headlineOf(few).outcome, Unclear);
    limited["dataset"]["gates"][0]["outcome"] = "failed";
    EXPECT_EQ(headlineOf(limited).label, "LIMIT FAILED");
    limited["dataset"]["gates"][0]["outcome"] = "inconclusive";
    EXPECT_EQ(headlineOf(limited).outcome, Unclear);
    Json unjudged = sampleDatasetReport();
    unjudged["dataset"]["variants"][0]["verdicts"] = Json::array();
    unjudged["dataset"]["gates"] = Json::array();
    EXPECT_EQ(headlineOf(unjudged).outcome, Unclear);
}

}  // namespace
}  // namespace driftlens
