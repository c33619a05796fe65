// One JSON is the source: what it holds, that it comes back byte for byte, and what is refused.
#include "reports/document/document.h"

#include "core/base/error.h"
#include "reports/document/schema.h"
#include "tests/reports/sample_report.h"
#include "tests/support/checkers.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

namespace driftlens {
namespace {

TEST(Report, IsTheSameBytesAfterReadingAndWriting) {
    for (const Json& report : {samplePromptReport(), sampleDatasetReport()}) {
        const std::string text = reportText(report);
        EXPECT_EQ(reportText(readReport(text, "report.json")), text);
    }
}

TEST(Report, HoldsWhatTheEngineHandsOver) {
    EXPECT_EQ(samplePromptReport()["comparison"], sampleComparison());
    const Json report = sampleDatasetReport(5);
    EXPECT_EQ(report["kind"], "dataset");
    EXPECT_EQ(report["dataset"], sampleDataset(5));
    EXPECT_EQ(report["outcomes"], sampleOutcomes(5));
    EXPECT_EQ(report["evidence"], sampleEvidence());
}

TEST(Report, BytesThatAreNoTextAreReplacedOnce) {
    const Json report = samplePromptReport({"\xFF", "good"});
    EXPECT_EQ(report["comparison"]["tokens"][0]["text"], "\uFFFD");
    EXPECT_EQ(readReport(reportText(report), "r"), report);
}

struct Damage {
    std::string says;
    std::function<void(Json&)> make;
};

TEST(Report, RefusesOtherShapesWithThePlaceOfWhatIsWrong) {
    const std::vector<Damage> damages = {
        {"no report", [](Json& r) { r["schema"] = "driftlens/report/2"; }},
        {"unknown member \"more\"", [](Json& r) { r["more"] = 1; }},
        {"\"summary\" is missing", [](Json& r) { r.erase("summary"); }},
        {"/kind", [](Json& r) { r["kind"] = "other"; }},
        {"\"dataset\" is missing", [](Json& r) { r.erase("dataset"); }},
        {"does not belong", [](Json& r) { r["comparison"] = sampleComparison(); }},
        {"/evidence: unknown member", [](Json& r) { r["evidence"]["x"] = 1; }},
        {"/evidence/records/0/seq: an integer is wanted, not string",
         [](Json& r) { r["evidence"]["records"][0]["seq"] = "2"; }},
        {"/outcomes/1: unknown member", [](Json& r) { r["outcomes"][1]["x"] = 1; }},
        {"/notable/0/comparison/variants/0/explanations/0/variant_scores: as many",
         [](Json& r) {
             r["notable"][0]["comparison"]["variants"][0]["explanations"][0]["variant_scores"] =
                 Json::array();
         }},
        {"/dataset/variants/0/figures/kl/value",
         [](Json& r) { r["dataset"]["variants"][0]["figures"]["kl"]["value"] = "x"; }},
        {"/dataset/reference/storage/0/bytes: an integer is wanted",
         [](Json& r) {
             r["dataset"]["reference"]["storage"] =
                 Json::array({{{"part", "rest"}, {"weights", 1}, {"bytes", "1"}, {"zeros", 0}}});
         }},
        {"/dataset/checks/0: \"curves\" is missing",
         [](Json& r) {
             r["dataset"]["checks"] = Json::array({{{"method", "occlusion"}}});
         }},
        {"/notable/0/comparison/variants/0/explanations/0/checks/reference/deletion",
         [](Json& r) {
             r["notable"][0]["comparison"]["variants"][0]["explanations"][0]["checks"] = {
                 {"reference", {{"deletion", 1}, {"insertion", Json::array()}}},
                 {"variant", Json::object()}};
         }},
        {"/sections/0: no section", [](Json& r) { r["sections"] = {"magic"}; }},
        {"/clauses/0: unknown member", [](Json& r) { r["clauses"][0]["x"] = 1; }},
    };
    for (const Damage& damage : damages) {
        Json report = sampleDatasetReport();
        damage.make(report);
        try {
            readReport(reportText(report), "report.json");
            ADD_FAILURE() << damage.says;
        } catch (const Error& error) {
            const std::string what = error.what();
            EXPECT_EQ(error.kind(), ErrorKind::InputFile);
            EXPECT_NE(what.find(damage.says), std::string::npos) << what;
            EXPECT_TRUE(what.starts_with("report.json: ")) << what;
            EXPECT_EQ(what.find('\n'), std::string::npos);
        }
    }
}

TEST(Report, ASectionThatThereIsNotIsRefused) {
    EXPECT_THROW(withSections(samplePromptReport(), {"magic"}), Error);
    EXPECT_EQ(withSections(samplePromptReport(), {"verdict"})["sections"], Json({"verdict"}));
}

// The published schema, by another's validator.
TEST(Report, EveryKindIsValidByThePublishedSchema) {
    const ScratchFolder scratch;
    const std::string schema = scratch / "schema.json", document = scratch / "report.json";
    std::ofstream(schema) << reportSchema();
    const auto faults = [&](const Json& report) {
        std::ofstream(document) << reportText(report);
        return faultsBy(kPython3, {"tests/reports/checkers/validate.py", schema, document});
    };
    for (const Json& report : {samplePromptReport(), sampleDatasetReport(), measuredReport()})
        EXPECT_EQ(faults(report), "");
    Json damaged = samplePromptReport();
    damaged["more"] = 1;
    EXPECT_NE(faults(damaged), "");
}

}  // namespace
}  // namespace driftlens
