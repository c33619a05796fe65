// explain and compare.
#include "app/commands.h"
#include "app/comparison_text.h"
#include "app/dataset_options.h"
#include "app/explanation_output.h"
#include "app/explanation_text.h"
#include "app/report_output.h"
#include "core/base/digest.h"
#include "core/base/text.h"
#include "engine/audit/log.h"
#include "engine/compare/flip_point.h"
#include "engine/compare/run_log.h"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

namespace driftlens {
namespace {

// What is printed or written. Throws Error(Usage) where --json and the file's ending contradict.
ExplanationFormat formatOf(const VerbOptions& options) {
    const ExplanationFormat byEnding =
        options.has("out") ? explanationFormatOf(options.text("out")) : ExplanationFormat::Text;
    if (!options.flag("json")) return byEnding;
    if (byEnding != ExplanationFormat::Text && byEnding != ExplanationFormat::JsonText)
        throw Error(ErrorKind::Usage, "--json contradicts the ending of --out " +
                                          inQuotes(options.text("out")) +
                                          "; leave one of them out");
    return ExplanationFormat::JsonText;
}

void addExplainOptions(VerbOptions& options) {
    options.add("Explanation")
        .add_options()("group", po::value<std::string>()->default_value("token"),
                       "what scores are added up to: token, word, sentence, or byte ranges of the "
                       "prompt: spans=0-12,13-30")("attention", po::bool_switch(),
                                                   "the attention maps, too, in JSON")(
            "metrics", po::value<std::string>()->implicit_value("removal"),
            "how good each explanation is, beside its scores; --metrics=all: also those that "
            "explain "
            "again (nearby inputs, randomised weights)")(
            "rationale", po::value<std::string>(),
            "what people marked, as byte ranges of the prompt: 0-12,13-30; for --metrics")(
            "help-method", po::value<std::string>(), "print what a method is, and stop");
}

std::optional<MetricPlan> metricPlanOf(const VerbOptions& options) {
    if (!options.has("metrics")) {
        if (options.has("rationale"))
            throw Error(ErrorKind::Usage, "--rationale is for --metrics, which is not asked");
        return std::nullopt;
    }
    MetricPlan out = parseMetrics(options.text("metrics"));
    if (options.has("rationale"))
        out.rationale = Grouping::parse("spans=" + options.text("rationale")).spans;
    return out;
}

// Before it is written, as every report.
void putOnRecord(AuditLog& log, const std::string& runId, ExplanationFormat format,
                 const std::string& file, const std::string& bytes) {
    log.addReportExport({runId, "explanation." + std::string(explanationFormatName(format)),
                         std::filesystem::absolute(file).lexically_normal().string(),
                         toHex(sha256(bytes))});
}

}  // namespace

int runExplain(const Arguments& arguments) {
    VerbOptions options(
        "explain MODEL --prompt TEXT", "Why the model answered as it did.",
        "driftlens explain models/base --prompt \"The film was not bad\" --method occlusion");
    options.positional("model", -1);
    addPromptOptions(options);
    addTargetOptions(options, "log_probability");
    addMethodOptions(options);
    addComputeOptions(options);
    addExplainOptions(options);
    addOutputOptions(options, "write to a file: .json, .csv, .html, .svg, else text");
    if (!options.parse(arguments)) return kExitFine;
    if (options.has("help-method")) {
        emit(options, methodCardText(methodCard(options.text("help-method"))));
        return kExitFine;
    }
    const VariantSpec model = VariantSpec::parse(onlyModel(options));
    PromptRequest request = readPromptRequest(options);
    request.grouping = Grouping::parse(options.text("group"));
    request.metrics = metricPlanOf(options);
    const ExplanationFormat format = formatOf(options);
    const auto log = openLog(options);
    const Explanation found = explainPrompt(model, request, log.get(), terminalContext(options));
    const bool isForTerminal = format == ExplanationFormat::Text && !options.has("out");
    const std::string text = isForTerminal
                                 ? explanationText(found, ::isatty(STDOUT_FILENO) != 0)
                                 : explanationIn(format, found, quotedCommand("explain", arguments),
                                                 {.withAttention = options.flag("attention")});
    if (log != nullptr && options.has("out"))
        putOnRecord(*log, found.runId, format, options.text("out"), text);
    emit(options, text);
    return kExitFine;
}

int runFlipPoint(const VerbOptions& options, const VariantSpec& reference,
                 const std::vector<VariantSpec>& variants, const PromptRequest& request) {
    const std::int64_t tokens = parseInteger(options.text("flip-point"), "--flip-point");
    for (const char* other : {"target", "position", "timeline"})
        if (options.has(other))
            throw Error(ErrorKind::Usage, "--flip-point explains the token where texts part: " +
                                              std::string("leave --") + other + " out");
    if (tokens < 1) throw Error(ErrorKind::Usage, "--flip-point takes at least 1 token");
    if (options.has("report"))
        throw Error(ErrorKind::Usage,
                    "--report is for a comparison without --flip-point; with "
                    "--log each flip is a run, of which report makes one");
    FlipPoints found;
    {
        const auto log = openLog(options);
        found = findFlipPoints(reference, variants, request, tokens, log.get(),
                               terminalContext(options));
    }
    emit(options, options.flag("json") ? toJson(found).dump(1) + "\n" : flipPointsText(found));
    return kExitFine;
}

int runCompare(const Arguments& arguments) {
    VerbOptions options(
        "compare REF VARIANT… --prompt TEXT | --data FILE",
        "What compression did to the answer and its reasons.",
        "driftlens compare models/base models/base@int4:group=32 --prompt \"The film was not bad\" "
        "--log audit.db --report report.html");
    options.positional("model", -1);
    addPromptOptions(options);
    addTargetOptions(options, "log_probability");
    addMethodOptions(options);
    addComputeOptions(options);
    addOutputOptions(options);
    addDatasetOptions(options);
    options.add("Comparison")
        .add_options()("insides", po::value<std::string>()->default_value("yes"),
                       "yes or no: compare attention and activations, too")(
            "metrics", po::value<std::string>()->implicit_value("removal"),
            "of one prompt: the answer while tokens are removed in the order of each explanation, "
            "and while only they are kept, in every model; --metrics=all: also the reference's "
            "scores with its weights drawn anew")(
            "timeline", po::bool_switch(),
            "the models are checkpoints in a row: drift from the first, and from the one before")(
            "flip-point", po::value<std::string>()->implicit_value("64"),
            "continue the prompt by at most so many tokens (64) and explain the first token where "
            "a variant leaves the reference's text");
    options.add("Report").add_options()(
        "report", po::value<std::string>(),
        "write a report, in the format that its name ends on (.dsse.json: signed with the key of "
        "--log); a name without an ending is a folder for all formats");
    if (!options.parse(arguments)) return kExitFine;
    const std::vector<std::string> models = options.list("model");
    if (models.size() < 2)
        throw Error(ErrorKind::Usage, "compare needs a reference and at least one variant");
    const std::vector<std::string> methods = options.list("method");
    if (std::find(methods.begin(), methods.end(), "all") != methods.end())
        throw Error(ErrorKind::Usage, "--method all is for explain; compare names its methods");
    std::vector<VariantSpec> variants;
    for (std::size_t i = 1; i < models.size(); ++i)
        variants.push_back(VariantSpec::parse(models[i]));
    const VariantSpec reference = VariantSpec::parse(models.front());
    checkDatasetOptions(options);
    if (options.has("data")) {
        if (options.has("prompt") || options.has("ids"))
            throw Error(ErrorKind::Usage, "give --data or a prompt, not both");
        if (options.has("flip-point"))
            throw Error(ErrorKind::Usage, "--flip-point is for one prompt");
        if (options.has("metrics"))
            throw Error(ErrorKind::Usage,
                        "--metrics is for one prompt; of a data set the yardsticks measure that");
        return runCompareDataset(options, reference, variants, quotedCommand("compare", arguments));
    }
    PromptRequest request = readPromptRequest(options);
    readComparisonOptions(options, request);
    request.metrics = metricPlanOf(options);
    if (options.has("flip-point")) return runFlipPoint(options, reference, variants, request);
    const std::optional<std::string> place = options.optional("report");
    const ReportTarget target = ownReportTarget(place, options.has("log"));
    Comparison found;
    {
        const auto log = openLog(options);
        found = comparePrompt(reference, variants, request, log.get(), terminalContext(options));
    }
    emit(options,
         options.flag("json") ? toJson(found).dump(1) + "\n" : comparisonText(found, true));
    if (place) {
        const std::optional<std::string> log = options.optional("log");
        emitReport(
            comparisonReport(found, quotedCommand("compare", arguments), environmentJson(), log),
            target, log ? std::optional(LoggedRun{*log, found.runId}) : std::nullopt);
    }
    return kExitFine;
}

}  // namespace driftlens
