// Reports that somebody damaged: each is refused in one line, or shown; never anything else.
#include "core/base/error.h"
#include "reports/document/document.h"
#include "reports/layout/report_layout.h"
#include "reports/writers/cyclonedx.h"
#include "reports/writers/html.h"
#include "reports/writers/in_toto.h"
#include "reports/writers/report_csv.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_report.h"

#include <functional>

namespace driftlens {
namespace {

using Pointer = Json::json_pointer;

// Every member, and of lists the first two elements.
void collect(const Json& value, const Pointer& at, std::vector<Pointer>& out) {
    out.push_back(at);
    if (value.is_object())
        for (const auto& [key, member] : value.items()) collect(member, at / key, out);
    if (value.is_array())
        for (std::size_t i = 0; i < std::min<std::size_t>(value.size(), 2); ++i)
            collect(value[i], at / i, out);
}

const std::vector<Json>& replacements() {
    static const std::vector<Json> kAll = {nullptr,
                                           "x",
                                           "",
                                           -1,
                                           1.5,
                                           1e300,
                                           true,
                                           Json::array(),
                                           Json::object(),
                                           Json::array({"x"}),
                                           std::int64_t{1} << 62};
    return kAll;
}

// Refused as a file that is no report, or written in every format. What else comes is the failure.
void expectRefusedOrShown(const Json& report, const std::string& what) {
    const auto attempt = [&](const std::function<void(const Json&)>& write) {
        try {
            write(readReport(reportText(report), "report.json"));
        } catch (const Error& error) {
            const std::string message = error.what();
            EXPECT_TRUE(error.kind() == ErrorKind::InputFile ||
                        error.kind() == ErrorKind::Unsupported)
                << what << ": " << message;
            EXPECT_EQ(message.find('\n'), std::string::npos) << what << ": " << message;
        } catch (const std::exception& other) {
            ADD_FAILURE() << what << ": " << other.what();
        }
    };
    attempt([](const Json& read) { htmlReport(layoutOf(read)); });
    attempt([](const Json& read) { reportCsv(read); });
    attempt([](const Json& read) { toCycloneDx(read, std::string(64, 'a')); });
    attempt([](const Json& read) { toInToto(read); });
}

struct Whole {
    std::string name;
    Json report;
};
void PrintTo(const Whole& whole, std::ostream* out) {
    *out << whole.name;
}

class DamagedReport : public ::testing::TestWithParam<Whole> {};

TEST_P(DamagedReport, IsRefusedOrShown) {
    const Json report = GetParam().report;
    std::vector<Pointer> pointers;
    collect(report, Pointer(), pointers);
    for (const Pointer& at : pointers) {
        for (const Json& other : replacements()) {
            Json damaged = report;
            damaged[at] = other;
            expectRefusedOrShown(damaged, at.to_string() + " = " + other.dump());
        }
        if (at.empty()) continue;
        Json damaged = report;
        Json& parent = damaged[at.parent_pointer()];
        if (parent.is_object())
            parent.erase(at.back());
        else
            parent.erase(std::stoul(at.back()));
        expectRefusedOrShown(damaged, at.to_string() + " erased");
    }
}

// As a comparison of three tokens with attention and activations has it.
Json promptWithInsides() {
    Json out = samplePromptReport({"not", "so", "good"});
    const Json map = {{0.5, 0.25, 0.25}, {0.0, 1.0, 0.0}, {0.1, 0.2, 0.7}};
    out["comparison"]["variants"][0]["structure"] = {
        {"heads", Json::array({{{"layer", 0},
                                {"head", 0},
                                {"js", 0.25},
                                {"js_without_sink", 0.125},
                                {"entropy_change", nullptr}},
                               {{"layer", 0}, {"head", 1}, {"js", nullptr}}})},
        {"sites", Json::array({{{"site", "blocks.0.resid_out"},
                                {"module", "block"},
                                {"layer", 0},
                                {"relative_frobenius", 0.5}}})},
        {"most_changed_head",
         {{"layer", 0},
          {"head", 0},
          {"keys", 3},
          {"positions", {0, 1, 2}},
          {"reference", map},
          {"variant", map}}},
        {"reason", ""}};
    return out;
}

INSTANTIATE_TEST_SUITE_P(EveryKind, DamagedReport,
                         ::testing::Values(Whole{"prompt", promptWithInsides()},
                                           Whole{"dataset", sampleDatasetReport(3)}),
                         [](const auto& each) { return each.param.name; });

TEST(StorageOfAReport, OfTooManyPartsIsNotDrawn) {
    Json report = sampleDatasetReport();
    Json storage = Json::array();
    for (int i = 0; i < 5000; ++i) {
        storage.push_back({{"part", "blocks.nan" + std::to_string(i)},
                           {"form", "F16"},
                           {"weights", 10},
                           {"bytes", 20},
                           {"matrix_weights", 10},
                           {"zeros", nullptr}});
    }
    report["dataset"]["reference"]["storage"] = std::move(storage);
    const std::string page = htmlReport(layoutOf(readReport(reportText(report), "report.json")));
    EXPECT_NE(page.find("too many parts to draw"), std::string::npos);
    EXPECT_LT(page.size(), std::size_t{5} << 20);
}

TEST(AttentionOfAReport, ShowsMapsAndNamesAbsentHeads) {
    const Json report = promptWithInsides();
    const std::string html = htmlReport(layoutOf(report));
    expectWellFormed(html);
    for (const std::string part :
         {"Attention of layer 0, head 0, which moved most in int8",
          "has these heads no more, or in another form: layer 0: 1", "good → good 0.7"})
        EXPECT_NE(html.find(part), std::string::npos) << part;
    std::string tables;
    for (const ReportFile& file : reportCsv(report)) tables += file.bytes;
    EXPECT_NE(tables.find("\"layer 0, head 1\",,"), std::string::npos);
}

TEST(AttentionOfAReport, RefusesMapsThatDoNotFit) {
    const auto refusal = [](const std::function<void(Json&)>& damage) {
        Json report = promptWithInsides();
        damage(report["comparison"]["variants"][0]["structure"]["most_changed_head"]);
        try {
            readReport(reportText(report), "r");
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("taken");
    };
    EXPECT_NE(refusal([](Json& m) { m["variant"].erase(0); }).find("as many rows"),
              std::string::npos);
    EXPECT_NE(refusal([](Json& m) { m["reference"][1].push_back(0.5); }).find("as many numbers"),
              std::string::npos);
    EXPECT_NE(refusal([](Json& m) { m["positions"][0] = 3; }).find("a key is wanted"),
              std::string::npos);
    EXPECT_NE(refusal([](Json& m) { m["keys"] = 2; }).find("as many as tokens"), std::string::npos);
}

}  // namespace
}  // namespace driftlens
