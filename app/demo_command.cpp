// demo: the whole tour on the sample models.
#include "app/commands.h"
#include "app/comparison_text.h"
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

// The samples lie beside the sources, or where DRIFTLENS_SAMPLES says.
fs::path sampleModel(const std::string& name) {
    std::vector<fs::path> places;
    if (const char* given = std::getenv("DRIFTLENS_SAMPLES")) places.emplace_back(given);
    places.emplace_back("samples");
    std::error_code status;
    const fs::path self = fs::read_symlink("/proc/self/exe", status);
    for (fs::path up = self.parent_path(); up.has_relative_path(); up = up.parent_path())
        places.push_back(up / "samples");
    for (const fs::path& place : places) {
        const fs::path model = place / name;
        if (fs::exists(model / "config.json", status)) return model;
    }
    throw Error(ErrorKind::InputFile, "sample model " + name +
                                          " is not there: run from the repository, or set "
                                          "DRIFTLENS_SAMPLES");
}

Comparison visit(const Stop& stop, const std::string& log, const RunContext& context) {
    const std::string model = sampleModel(stop.model).string();
    PromptRequest request;
    request.prompt = stop.prompt;
    for (const char* method : stop.methods) request.methods.push_back(MethodRequest::parse(method));
    std::vector<VariantSpec> variants;
    for (const char* scheme : stop.schemes)
        variants.push_back(VariantSpec::parse(model + "@" + scheme));
    const auto writer = AuditLog::openForWriting(log);
    return comparePrompt(VariantSpec::parse(model), variants, request, writer.get(), context);
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
        for (const char* format : {"html", "pdf"}) {
            const std::string file =
                (folder / (std::string(stop.model) + std::string(reportWriter(format).extension)))
                    .string();
            emitReport(report, {format, file}, LoggedRun{log, found.runId});
            reports += "report   " + file + "\n";
        }
    }
    const AuditVerification verification = verifyAuditLog(log);
    std::cout << reports << "log      " << log << " (" << verification.status << ", "
              << verification.records << " records)\n";
    return verification.status == "ok" ? kExitFine : exitCode(ErrorKind::Tampered);
}

}  // namespace driftlens
