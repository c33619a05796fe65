// The model-index as PyYAML reads it.
#include "reports/writers/model_index.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "reports/writers/registry.h"
#include "tests/reports/sample_report.h"
#include "tests/support/checkers.h"

namespace driftlens {
namespace {

const std::string kChecker = "tests/reports/checkers/model_index.py";

Json reportOfATask(const std::string& task = "classification") {
    Json report = sampleDatasetReport();
    report["dataset"]["reference"]["task"] = task;
    Json& figures = report["dataset"]["variants"][0]["figures"];
    figures["accuracy"] = {{"value", 0.9}};
    figures["reference_accuracy"] = {{"value", 1.0}};
    figures["kl"]["value"] = 1e-7;
    return report;
}

std::string written(const Json& report) {
    return toModelIndex(report, std::string(64, 'd'));
}

ProgramResult checked(const std::string& yaml, const std::vector<std::string>& options = {}) {
    const ScratchFolder scratch;
    const std::string file = scratch / "card.yaml";
    std::ofstream(file, std::ios::binary) << yaml;
    std::vector<std::string> arguments = {kChecker, file};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return runProgram(kPython3, arguments, scratch);
}

Json readByYaml(const std::string& yaml) {
    const ProgramResult found = checked(yaml, {"--json"});
    EXPECT_EQ(found.exitCode, 0) << found.out << found.err << yaml;
    return Json::parse(found.out);
}

TEST(ModelIndex, IsWhatTheHubReads) {
    const ProgramResult found = checked(written(reportOfATask()));
    EXPECT_EQ(found.exitCode, 0) << found.out << found.err;
    EXPECT_EQ(found.out + found.err, "");
    // The check itself: it refuses a metric without a value, and a value that YAML takes for text.
    for (const std::string line : {"      value: 0.9\n", "      value: 1.0e-07\n"}) {
        std::string broken = written(reportOfATask());
        const std::size_t at = broken.find(line);
        ASSERT_NE(at, std::string::npos) << line << broken;
        EXPECT_EQ(checked(broken.replace(at, line.size(), "      value: 1e-07\n")).exitCode, 1);
    }
}

TEST(ModelIndex, HasTheFiguresOfTheReportUnderTheirModels) {
    const Json report = reportOfATask();
    const Json index = readByYaml(written(report))["model-index"];
    ASSERT_EQ(index.size(), 2U);
    const Json& reference = index[0]["results"][0];
    EXPECT_EQ(index[0]["name"], "base");
    EXPECT_EQ(reference["task"]["type"], "text-classification");
    EXPECT_EQ(reference["metrics"].size(), 1U);
    EXPECT_EQ(reference["metrics"][0]["type"], "accuracy");
    EXPECT_EQ(reference["metrics"][0]["value"], 1.0);
    const Json& variant = index[1]["results"][0];
    EXPECT_EQ(index[1]["name"], "base@int4");
    EXPECT_EQ(variant["dataset"]["name"], "rows.csv");
    EXPECT_EQ(variant["dataset"]["args"]["sha256"], std::string(64, 'e'));
    EXPECT_EQ(variant["dataset"]["args"]["examples"], 12);
    std::map<std::string, Json> metrics;
    for (const Json& metric : variant["metrics"]) metrics[metric["type"]] = metric;
    EXPECT_EQ(metrics.size(), 3U);
    EXPECT_EQ(metrics["accuracy"]["value"], 0.9);
    EXPECT_EQ(metrics["kl_divergence"]["value"], 1e-7);
    EXPECT_EQ(metrics["kl_divergence"]["name"],
              "KL divergence (nats) of the answers from those of base");
    EXPECT_EQ(metrics["flip_rate"]["value"], 0.1);
    EXPECT_EQ(metrics["flip_rate"]["args"]["model_sha256"], std::string(64, 'c'));
    EXPECT_EQ(metrics["flip_rate"]["args"]["report_sha256"], std::string(64, 'd'));
}

TEST(ModelIndex, GivesTheReferenceOnlyWhatEveryVariantSaysOfIt) {
    Json report = reportOfATask();
    Json& variants = report["dataset"]["variants"];
    variants.push_back(variants[0]);
    EXPECT_EQ(readByYaml(written(report))["model-index"][0]["name"], "base");
    // The second failed on some examples: what it says of the reference is of the others alone.
    variants[1]["figures"]["reference_accuracy"]["value"] = 0.75;
    EXPECT_EQ(readByYaml(written(report))["model-index"][0]["name"], "base@int4");
}

TEST(ModelIndex, TakesAnyNameAsText) {
    for (const std::string& name :
         {std::string("yes"), std::string("a: b # c"), std::string("\"quoted\\ \n- x"),
          std::string("שלום 👩‍🚀 東京"), std::string("\x7f\xc2\x85\xef\xbf\xbe")}) {
        Json report = reportOfATask();
        report["dataset"]["variants"][0]["model"] = name;
        const Json index = readByYaml(written(report))["model-index"];
        const std::string shown = index[1]["name"];
        const bool isPlain = name.find_first_of("\n\x7f") == std::string::npos;
        EXPECT_TRUE(!isPlain || shown == name) << shown;
        EXPECT_EQ(shown.find('\n'), std::string::npos);
    }
    EXPECT_EQ(yamlText("a\"b\xF0\x9F\x9A\x80"), "\"a\\\"b\\U0001F680\"");
}

TEST(ModelIndex, IsRefusedWhereItWouldNotBeTrue) {
    const auto refuses = [](const Json& report, const std::string& because) {
        EXPECT_NE(whyNoModelIndex(report), "");
        try {
            written(report);
            ADD_FAILURE() << because;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Unsupported);
            EXPECT_NE(std::string(error.what()).find(because), std::string::npos) << error.what();
        }
    };
    refuses(samplePromptReport(), "of one prompt");
    Json earlier = sampleDatasetReport();
    earlier["dataset"]["reference"].erase("task");
    refuses(earlier, "did not record");
    refuses(reportOfATask("encoder"), "no name for the task");
    Json empty = reportOfATask();
    empty["dataset"]["variants"] = Json::array();
    refuses(empty, "no figure of the answers");
    EXPECT_EQ(reportWriter("model-index").whyNot(reportOfATask()), "");
    EXPECT_EQ(reportWriterFor("card.model-index.yaml")->id, "model-index");
}

}  // namespace
}  // namespace driftlens
