#include "app/dataset_options.h"

#include "app/commands.h"
#include "app/report_output.h"
#include "core/base/text.h"
#include "core/files/mapped_file.h"
#include "engine/compare/run_log.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace driftlens {
namespace {

constexpr std::array<const char*, 16> kDatasetOnly = {
    "text",    "label", "slice",        "cluster", "most",       "truncate", "margin", "primary",
    "fail-if", "junit", "allow-failed", "resume",  "yardsticks", "plan",     "tokens", "observed"};

std::map<std::string, double> readMargins(const std::vector<std::string>& given) {
    std::map<std::string, double> out;
    for (const std::string& each : given) {
        const std::size_t equals = each.find('=');
        double value = 0.0;
        const char* const end = each.data() + each.size();
        const auto read = equals == std::string::npos
                              ? std::from_chars_result{end, std::errc::invalid_argument}
                              : std::from_chars(each.data() + equals + 1, end, value);
        if (read.ec != std::errc() || read.ptr != end || !(value > 0.0))
            throw Error(ErrorKind::Usage,
                        "--margin " + inQuotes(each) + " is no METRIC=NUMBER above 0");
        out[each.substr(0, equals)] = value;
    }
    return out;
}

DatasetRequest readRequest(const VerbOptions& options) {
    DatasetRequest out;
    out.prompt = readRequestWithoutPrompt(options);
    readComparisonOptions(options, out.prompt);
    out.rows = readRowsRequest(options);
    out.truncates = options.flag("truncate");
    const std::string yardsticks = options.text("yardsticks");
    if (yardsticks != "default" && yardsticks != "none")
        throw Error(ErrorKind::Usage,
                    "--yardsticks " + inQuotes(yardsticks) + " is unknown; known: default, none");
    out.withYardsticks = yardsticks == "default";
    if (options.has("tokens")) out.comparesTokens = options.yesOrNo("tokens");
    out.margins = readMargins(options.list("margin"));
    out.primary = options.has("primary") ? options.text("primary") : "spearman";
    for (const std::string& gate : options.list("fail-if")) out.gates.push_back(parseGate(gate));
    if (options.has("allow-failed"))
        out.allowedFailures = parseCount(options.text("allow-failed"), "--allow-failed");
    for (const std::string& each : options.list("observed")) {
        const std::size_t equals = each.rfind('=');  // schemes have some, too
        const bool isNamed = equals != std::string::npos && !std::filesystem::exists(each);
        out.observed.push_back(
            {isNamed ? each.substr(0, equals) : "", isNamed ? each.substr(equals + 1) : each});
    }
    if (options.has("resume")) out.resumes = options.text("resume");
    return out;
}

std::string planText(const DatasetPlan& plan) {
    std::string out = std::to_string(plan.examples) + " examples, the longest of " +
                      std::to_string(plan.longest) + " tokens\n" +
                      formatNumber(plan.explanations, 6) + " explanations, and " +
                      formatNumber(plan.yardstickExplanations, 6) + " for the yardsticks; about " +
                      formatNumber(plan.seconds, 3) + " s, " + plan.memory + "\n";
    for (const std::string& note : plan.notes) out += note + "\n";
    return out;
}

Json planJson(const DatasetPlan& plan) {
    return {{"schema", "driftlens/compare/1"},
            {"plan",
             {{"examples", plan.examples},
              {"longest_tokens", plan.longest},
              {"explanations", plan.explanations},
              {"yardstick_explanations", plan.yardstickExplanations},
              {"seconds", plan.seconds},
              {"memory", plan.memory},
              {"notes", plan.notes}}}};
}

}  // namespace

void addRowsOptions(VerbOptions& options) {
    options.add("Data set")
        .add_options()("data", po::value<std::string>(), "rows: .csv, .jsonl or .txt")(
            "text", po::value<std::string>(), "column of the text (default: guessed, and said)")(
            "label", po::value<std::string>(), "column of the right answer (default: guessed)")(
            "slice", po::value<std::string>(), "column whose values every figure is given for")(
            "cluster", po::value<std::string>(),
            "column that names rows which depend on each other")(
            "most", po::value<std::string>(), "use only so many rows, from the beginning");
}

RowsRequest readRowsRequest(const VerbOptions& options) {
    RowsRequest out;
    out.file = options.text("data");
    out.textColumn = options.optional("text");
    out.labelColumn = options.optional("label");
    out.sliceColumn = options.optional("slice");
    out.clusterColumn = options.optional("cluster");
    if (options.has("most")) {
        out.most = parseCount(options.text("most"), "--most");
        if (out.most == 0) throw Error(ErrorKind::Usage, "--most 0 leaves no rows");
    }
    return out;
}

void addDatasetOptions(VerbOptions& options) {
    addRowsOptions(options);
    options.add("Data set, how")
        .add_options()("truncate", po::bool_switch(),
                       "cut texts that are too long (default: they fail)")(
            "yardsticks", po::value<std::string>()->default_value("default"),
            "default, or none: no floors, controls and validity checks")(
            "tokens", po::value<std::string>(),
            "yes or no: compare the predictions of every token of the texts, as llama-perplexity "
            "--kl-divergence does (default: causal models, rows without a label)")(
            "observed", po::value<std::vector<std::string>>()->composing(),
            "[VARIANT=]FILE: what the deployed program printed, JSON lines of prompt, argmax, top; "
            "its agreement with the computation here heads the result")(
            "margin", po::value<std::vector<std::string>>()->composing(),
            "METRIC=DRIFT that matters, declared before the run; repeatable")(
            "primary", po::value<std::string>(),
            "the agreement that verdicts are about, beside flip_rate (default: spearman)")(
            "fail-if", po::value<std::vector<std::string>>()->composing(),
            "gate: [variant:][method.]metric[@k] OP value, or upper(…), lower(…) of the interval; "
            "repeatable; exit 1 failed, 11 inconclusive")("allow-failed", po::value<std::string>(),
                                                          "examples that may fail before gates do")(
            "junit", po::value<std::string>(), "write the gates as JUnit XML")(
            "resume", po::value<std::string>(),
            "a run of the --log whose finished examples are kept")(
            "plan", po::bool_switch(), "print what it would cost, and stop");
}

void readComparisonOptions(const VerbOptions& options, PromptRequest& request) {
    request.comparesInsides = options.yesOrNo("insides");
    request.isTimeline = options.flag("timeline");
}

void checkDatasetOptions(const VerbOptions& options) {
    if (options.has("data")) return;
    for (const char* name : kDatasetOnly) {
        if (options.has(name))
            throw Error(ErrorKind::Usage, "--" + std::string(name) + " is for --data FILE");
    }
}

int runCompareDataset(const VerbOptions& options, const VariantSpec& reference,
                      const std::vector<VariantSpec>& variants, const std::string& command) {
    const DatasetRequest request = readRequest(options);
    const std::optional<std::string> place = options.optional("report");
    const ReportTarget target = ownReportTarget(place, options.has("log"));
    const bool isJson = options.flag("json");
    if (options.flag("plan")) {
        const DatasetPlan plan =
            planDataset(reference, variants, request, terminalContext(options));
        emit(options, isJson ? planJson(plan).dump() + "\n" : planText(plan));
        return kExitFine;
    }
    std::vector<ModelIdentity> names;
    for (const VariantSpec& variant : variants) {
        ModelIdentity& name = names.emplace_back();
        name.path = variant.path.string();
        name.scheme = variant.schemeText();
    }
    std::string lines;
    const bool isStreamed = isJson && !options.has("out");
    const ExampleSink sink = [&](const ExampleOutcome& outcome, const std::string& text,
                                 const Comparison* comparison) {
        if (!isJson) return;
        const std::string line = exampleJson(outcome, text, comparison, names).dump() + "\n";
        if (isStreamed) {
            std::fputs(line.c_str(), stdout);
            std::fflush(stdout);
        } else {
            lines += line;
        }
    };
    DatasetResult found;
    {
        const auto log = openLog(options);
        found =
            compareDataset(reference, variants, request, log.get(), sink, terminalContext(options));
    }
    emit(options, isJson ? lines + toJson(found).dump() + "\n" : datasetText(found));
    if (place) {
        const auto run = options.has("log")
                             ? std::optional(LoggedRun{options.text("log"), found.runId})
                             : std::nullopt;
        emitReport(datasetReport(recordedOf(found), command, environmentJson(), run), target, run);
    }
    if (options.has("junit")) writeFileAtomically(options.text("junit"), junitXml(found.gates));
    return gateExitCode(found.gates);
}

}  // namespace driftlens
