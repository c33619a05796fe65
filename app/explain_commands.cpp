// explain and compare.
#include "app/commands.h"
#include "app/comparison_text.h"
#include "app/report_output.h"
#include "core/base/parameters.h"
#include "core/base/text.h"
#include "core/files/mapped_file.h"
#include "engine/compare/run_log.h"
#include "reports/figures/token_strip.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <unistd.h>

namespace driftlens {
namespace {

// Token and score per line, with a bar that needs no colour; coloured on a terminal.
std::string scoreTable(const ScoredColumns& columns) {
    const auto& [tokens, scores] = columns;
    constexpr double kBarWidth = 24.0;
    double scale = 0.0;
    for (const double s : scores) scale = std::max(scale, std::abs(s));
    const bool isColoured = ::isatty(STDOUT_FILENO) != 0;
    std::ostringstream out;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto length =
            scale > 0.0
                ? static_cast<std::size_t>(std::lround(std::abs(scores[i]) / scale * kBarWidth))
                : 0U;
        char value[32];
        std::snprintf(value, sizeof value, "%+10.4f  ", scores[i]);
        const std::string bar(length, scores[i] >= 0.0 ? '+' : '-');
        out << "  " << value;
        if (isColoured && length > 0) out << (scores[i] >= 0.0 ? "\033[33m" : "\033[34m");
        std::string padded = bar;
        padded.resize(static_cast<std::size_t>(kBarWidth) + 1, ' ');
        out << padded << (isColoured ? "\033[0m" : "") << readableToken(tokens[i]) << "\n";
    }
    return out.str();
}

std::string explanationText(const Explanation& e) {
    std::ostringstream out;
    out << e.model.name() << "\nexplained: " << quantityName(e.target.quantity) << " of \""
        << e.target.text << "\" = " << formatNumber(e.targetValue, 6) << "\n";
    for (const Attribution& a : e.results) {
        out << "\n"
            << formatNamedSettings(a.method, a.settings) << "\nbaseline: " << a.baseline << "; "
            << a.evaluations << " evaluations in " << formatNumber(a.seconds, 3) << " s";
        if (a.completenessGap) out << "; completeness gap " << formatNumber(*a.completenessGap, 3);
        out << "\n" << scoreTable(columnsOf(a, e.input.tokens));
        for (const std::string& warning : a.warnings) out << "warning: " << warning << "\n";
    }
    return out.str();
}

std::string quotedCommand(const std::string& verb, const Arguments& arguments) {
    std::string out = "driftlens " + verb;
    for (const std::string& argument : arguments) {
        const bool isPlain =
            !argument.empty() && argument.find_first_of(" \"'$&|;()<>") == std::string::npos;
        out += " " + (isPlain ? argument : "'" + argument + "'");
    }
    return out;
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
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    const VariantSpec model = VariantSpec::parse(onlyModel(options));
    const PromptRequest request = readPromptRequest(options);
    const auto log = openLog(options);
    const Explanation found = explainPrompt(model, request, log.get(), terminalContext(options));
    emit(options, options.flag("json") ? toJson(found).dump(1) + "\n" : explanationText(found));
    return kExitFine;
}

int runCompare(const Arguments& arguments) {
    VerbOptions options(
        "compare REF VARIANT… --prompt TEXT", "What compression did to the answer and its reasons.",
        "driftlens compare models/base models/base@int4:group=32 --prompt \"The film was not bad\" "
        "--log audit.db --report report.html");
    options.positional("model", -1);
    addPromptOptions(options);
    addTargetOptions(options, "log_probability");
    addMethodOptions(options);
    addComputeOptions(options);
    addOutputOptions(options);
    options.add("Report").add_options()("report", po::value<std::string>(),
                                        "write a report: .html or .json");
    if (!options.parse(arguments)) return kExitFine;
    const std::vector<std::string> models = options.list("model");
    if (models.size() < 2)
        throw Error(ErrorKind::Usage, "compare needs a reference and at least one variant");
    const PromptRequest request = readPromptRequest(options);
    std::vector<VariantSpec> variants;
    for (std::size_t i = 1; i < models.size(); ++i)
        variants.push_back(VariantSpec::parse(models[i]));
    const VariantSpec reference = VariantSpec::parse(models.front());
    const std::string format = options.has("report") ? reportFormatOf(options.text("report")) : "";
    Comparison found;
    {
        const auto log = openLog(options);
        found = comparePrompt(reference, variants, request, log.get(), terminalContext(options));
    }
    emit(options,
         options.flag("json") ? toJson(found).dump(1) + "\n" : comparisonText(found, true));
    if (options.has("report")) {
        const auto log = options.has("log") ? std::optional(options.text("log")) : std::nullopt;
        writeFileAtomically(
            options.text("report"),
            reportText(found, quotedCommand("compare", arguments), environmentJson(), log, format));
    }
    return kExitFine;
}

}  // namespace driftlens
