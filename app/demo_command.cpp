// demo: the whole tour on the sample models.
#include "app/commands.h"
#include "app/comparison_text.h"
#include "app/dataset_options.h"
#include "app/report_output.h"
#include "engine/compare/run_log.h"
#include "reports/writers/registry.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

// One stop of the tour: an answer whose true reason is known, and what compression does to it.
struct Stop {
    const char* model;
    const char* prompt;
    const char* about;
    std::vector<const char*> schemes;
    std::vector<const char*> methods;
};

// The models are very sure of their answers: 50 nodes miss the step on the path, 200 do not.
const std::vector<Stop> kTour = {
    {"sentiment-bert-mini",
     "My friend praised the poster , but the room was not clever at all",
     "A classifier of the speaker's own opinion. True reason: \"not\" and \"clever\"; what the "
     "friend praised is a distractor.",
     {"int8", "int4:group=32", "prune_magnitude:sparsity=0.85"},
     {"integrated_gradients:nodes=200,baseline=mask", "occlusion"}},
    {"retrieval-llama-mini",
     "box A holds a rope . box B holds a spoon . box C holds a clock . box A holds a",
     "A language model that looks up what a box holds. True reason: \"rope\" and the box's name.",
     {"int8", "int4:group=32", "prune_magnitude:sparsity=0.3"},
     {"integrated_gradients:nodes=200,baseline=mean", "occlusion"}},
};

// The last stop: many texts instead of one, with their right answers.
const Stop kOfData = {"sentiment-bert-mini",
                      "",
                      "The same classifier on 60 sentences of its grammar, half of them negated.",
                      {"int8", "int4:group=32", "prune_magnitude:sparsity=0.85"},
                      {"occlusion"}};
constexpr const char* kDataFile = "opinions.csv";
constexpr const char* kDataReport = "sentiment-bert-mini-opinions";

// A file of the samples, which lie beside the sources, or where DRIFTLENS_SAMPLES says.
fs::path sampleFile(const fs::path& name, const char* inside = "") {
    std::vector<fs::path> places;
    if (const char* given = std::getenv("DRIFTLENS_SAMPLES")) places.emplace_back(given);
    places.emplace_back("samples");
    std::error_code status;
    const fs::path self = fs::read_symlink("/proc/self/exe", status);
    for (fs::path up = self.parent_path(); up.has_relative_path(); up = up.parent_path())
        places.push_back(up / "samples");
    for (const fs::path& place : places) {
        const fs::path found = place / name;
        if (fs::exists(*inside == '\0' ? found : found / inside, status)) return found;
    }
    throw Error(ErrorKind::InputFile, "sample " + name.string() +
                                          " is not there: run from the repository, or set "
                                          "DRIFTLENS_SAMPLES");
}

std::string sampleModel(const Stop& stop) {
    return sampleFile(stop.model, "config.json").string();
}

PromptRequest requestOf(const Stop& stop) {
    PromptRequest out;
    out.prompt = stop.prompt;
    for (const char* method : stop.methods) out.methods.push_back(MethodRequest::parse(method));
    return out;
}

std::vector<VariantSpec> variantsOf(const Stop& stop) {
    std::vector<VariantSpec> out;
    for (const char* scheme : stop.schemes)
        out.push_back(VariantSpec::parse(sampleModel(stop) + "@" + scheme));
    return out;
}

Comparison visit(const Stop& stop, const std::string& log, const RunContext& context) {
    PromptRequest request = requestOf(stop);
    request.metrics.emplace().withReruns = true;
    const auto writer = AuditLog::openForWriting(log);
    return comparePrompt(VariantSpec::parse(sampleModel(stop)), variantsOf(stop), request,
                         writer.get(), context);
}

DatasetResult visitData(const std::string& log, const RunContext& context) {
    DatasetRequest request;
    request.prompt = requestOf(kOfData);
    request.rows.file = sampleFile(kDataFile);
    request.rows.sliceColumn = "kind";
    request.primary = "spearman";
    const auto writer = AuditLog::openForWriting(log);
    return compareDataset(VariantSpec::parse(sampleModel(kOfData)), variantsOf(kOfData), request,
                          writer.get(), {}, context);
}

// Writes the report in the formats of people; a line for each.
std::string writeReports(const Json& report, const fs::path& folder, const std::string& name,
                         const LoggedRun& run) {
    std::string out;
    for (const char* format : {"html", "pdf"}) {
        const std::string file =
            (folder / (name + std::string(reportWriter(format).extension))).string();
        emitReport(report, {format, file}, run);
        out += "report   " + file + "\n";
    }
    return out;
}

}  // namespace

int runDemo(const Arguments& arguments) {
    VerbOptions options("demo",
                        "The whole tour on the sample models: compare, explain, log, report.",
                        "driftlens demo");
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    const fs::path folder =
        options.has("out") ? fs::path(options.text("out")) : fs::current_path() / "driftlens-demo";
    std::error_code status;
    fs::create_directories(folder, status);
    if (status)
        throw Error(ErrorKind::Io, folder.string() + ": cannot be created: " + status.message());
    const std::string log = (folder / "audit.db").string();
    std::string reports;
    for (const Stop& stop : kTour) {
        const Comparison found = visit(stop, log, terminalContext(options));
        std::cout << stop.about << "\nPrompt: " << stop.prompt << "\n"
                  << comparisonText(found, false) << "\n";
        const Json report = comparisonReport(found, "driftlens demo", environmentJson(), log);
        reports += writeReports(report, folder, stop.model, {log, found.runId});
    }
    const DatasetResult found = visitData(log, terminalContext(options));
    std::cout << kOfData.about << "\n" << datasetText(found) << "\n";
    const LoggedRun run{log, found.runId};
    reports +=
        writeReports(datasetReport(recordedOf(found), "driftlens demo", environmentJson(), run),
                     folder, kDataReport, run);
    const AuditVerification verification = verifyAuditLog(log);
    std::cout << reports << "log      " << log << " (" << verification.status << ", "
              << verification.records << " records)\n";
    return verification.status == "ok" ? kExitFine : exitCode(ErrorKind::Tampered);
}

}  // namespace driftlens
