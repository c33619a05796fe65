// explain, compare, demo.
#include "app/commands.h"
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

namespace fs = std::filesystem;

// Token and score per line, with a bar that needs no colour; coloured on a terminal.
std::string scoreTable(const std::vector<Token>& tokens, const std::vector<double>& scores) {
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
        out << "\n" << scoreTable(e.input.tokens, a.scores);
        for (const std::string& warning : a.warnings) out << "warning: " << warning << "\n";
    }
    return out.str();
}

std::string comparisonText(const Comparison& c) {
    std::ostringstream out;
    out << "reference " << c.reference.name() << " (" << c.reference.storedForm
        << ")\nexplained: " << quantityName(c.target.quantity) << " of \"" << c.target.text
        << "\" = " << formatNumber(c.referenceTargetValue, 6) << "\n";
    for (const VariantResult& v : c.variants) {
        const Fidelity& f = v.fidelity;
        out << "\n"
            << v.model.name() << " (" << v.model.storedForm << ", "
            << formatBytes(static_cast<unsigned long long>(v.model.storedBytes)) << ")\n  answer   "
            << (f.flip ? "FLIPS: \"" + f.referenceTopText + "\" to \"" + f.variantTopText + "\""
                       : "stays \"" + f.referenceTopText + "\"")
            << "; probability " << formatNumber(f.referenceProbability, 4) << " to "
            << formatNumber(f.variantProbability, 4) << "; KL " << formatNumber(f.kl, 3)
            << " nats\n";
        for (const ExplanationDrift& d : v.explanations) {
            const auto shown = [](const Figure& figure) {
                return figure.value ? formatNumber(*figure.value, 4) : "n/a";
            };
            out << "  " << d.method << "  Spearman " << shown(d.agreement.spearman) << ", Kendall "
                << shown(d.agreement.kendall) << ", cosine " << shown(d.agreement.cosine)
                << ", Jaccard@3 " << shown(d.agreement.jaccard.at(3)) << "\n    " << d.verdict
                << "\n";
            if (d.reference.completenessGap && d.variant.completenessGap) {
                out << "    completeness gap: reference "
                    << formatNumber(*d.reference.completenessGap, 3) << ", variant "
                    << formatNumber(*d.variant.completenessGap, 3) << "\n";
            }
            for (std::size_t i = 0; i < c.input.tokens.size(); ++i) {
                char row[96];
                std::snprintf(row, sizeof row, "    %+10.4f -> %+10.4f  (%+9.4f)  ",
                              d.reference.scores[i], d.variant.scores[i],
                              d.variant.scores[i] - d.reference.scores[i]);
                out << row << readableToken(c.input.tokens[i]) << "\n";
            }
        }
        for (const std::string& warning : v.warnings) out << "  warning: " << warning << "\n";
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

// The sample lies beside the sources, or where DRIFTLENS_SAMPLES says.
fs::path sampleModel() {
    std::vector<fs::path> places;
    if (const char* given = std::getenv("DRIFTLENS_SAMPLES")) places.emplace_back(given);
    places.emplace_back("samples");
    std::error_code status;
    const fs::path self = fs::read_symlink("/proc/self/exe", status);
    for (fs::path up = self.parent_path(); up.has_relative_path(); up = up.parent_path())
        places.push_back(up / "samples");
    for (const fs::path& place : places) {
        const fs::path model = place / "sentiment-bert-mini";
        if (fs::exists(model / "config.json", status)) return model;
    }
    throw Error(ErrorKind::InputFile,
                "no sample model found: run from the repository, or set DRIFTLENS_SAMPLES");
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
    emit(options, options.flag("json") ? toJson(found).dump(1) + "\n" : comparisonText(found));
    if (options.has("report")) {
        const auto log = options.has("log") ? std::optional(options.text("log")) : std::nullopt;
        writeFileAtomically(
            options.text("report"),
            reportText(found, quotedCommand("compare", arguments), environmentJson(), log, format));
    }
    return kExitFine;
}

int runDemo(const Arguments& arguments) {
    VerbOptions options("demo",
                        "The whole tour on the sample model: compare, explain, log, report.",
                        "driftlens demo");
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    const fs::path model = sampleModel();
    const fs::path folder =
        options.has("out") ? fs::path(options.text("out")) : fs::current_path() / "driftlens-demo";
    std::error_code status;
    fs::create_directories(folder, status);
    if (status)
        throw Error(ErrorKind::Io, folder.string() + ": cannot be created: " + status.message());
    const std::string log = (folder / "audit.db").string();
    const std::string report = (folder / "report.html").string();
    PromptRequest request;
    request.prompt = "The film was not bad at all";
    // The sample is very sure of its answers: 50 nodes miss the step on the path, 500 do not.
    request.methods = {MethodRequest::parse("integrated_gradients:nodes=500"),
                       MethodRequest::parse("occlusion")};
    std::vector<VariantSpec> variants;
    for (const char* scheme : {"@int8", "@int4:group=32", "@prune_magnitude:sparsity=0.77"}) {
        variants.push_back(VariantSpec::parse(model.string() + scheme));
    }
    std::cout << "Prompt: " << request.prompt << "\n";
    Comparison found;
    {
        const auto writer = AuditLog::openForWriting(log);
        found = comparePrompt(VariantSpec::parse(model.string()), variants, request, writer.get(),
                              terminalContext(options));
    }
    std::cout << comparisonText(found);
    writeFileAtomically(report,
                        reportText(found, "driftlens demo", environmentJson(), log, "html"));
    const AuditVerification verification = verifyAuditLog(log);
    std::cout << "\nlog      " << log << " (" << verification.status << ", " << verification.records
              << " records)\nreport   " << report << "\n";
    return verification.status == "ok" ? kExitFine : exitCode(ErrorKind::Tampered);
}

}  // namespace driftlens
