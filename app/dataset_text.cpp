#include "app/dataset_options.h"
#include "core/base/display_text.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <sstream>

namespace driftlens {
namespace {

// What stands first; the JSON has everything.
constexpr std::array<const char*, 8> kOutputFigures = {
    "flip_rate", "accuracy", "accuracy_change",   "right_to_wrong", "wrong_to_right",
    "kl",        "js",       "probability_change"};
constexpr std::array<const char*, 6> kMethodFigures = {"spearman", "kendall",   "cosine",
                                                       "rbo",      "jaccard@5", "mass_moved"};
constexpr std::array<const char*, 6> kInsideFigures = {
    "attention_js", "attention_js_without_sink", "attention_entropy_change", "rollout_cosine",
    "linear_cka",   "relative_frobenius"};
constexpr std::size_t kNameColumns = 26;

std::string padded(std::string text, std::size_t columns) {
    const std::size_t width = displayColumns(text);
    return text + std::string(columns > width ? columns - width : 1, ' ');
}

std::string figureRow(const std::string& name, const AggregateFigure& figure) {
    std::string out = "  " + padded(name, kNameColumns);
    if (!figure.value.value) return out + "– (" + figure.value.reason + ")\n";
    out += padded(formatNumber(*figure.value.value, 4), 11);
    if (figure.interval.value) {
        out += "95 % " + formatNumber(figure.interval.value->low, 3) + " to " +
               formatNumber(figure.interval.value->high, 3);
    }
    if (figure.byChance.value && figure.corrected.value) {
        out += "; by chance " + formatNumber(*figure.byChance.value, 3) + ", corrected " +
               formatNumber(*figure.corrected.value, 3);
    }
    // Tests against a margin are what verdicts say in words.
    if (figure.p.value && !figure.pMeaning.starts_with("drift of at most"))
        out += "; p " + formatNumber(*figure.p.value, 3) + " (" + figure.pMeaning + ")";
    return out + "\n";
}

std::string floorsText(const MetricYardsticks& yard, std::size_t variant) {
    std::string out;
    const auto add = [&](const char* name, const std::map<std::string, Figure>& figures) {
        for (const auto& [what, drift] : figures) {
            if (!drift.value) continue;
            out += (out.empty() ? "" : ", ") + std::string(name) + " " + what + " " +
                   formatNumber(*drift.value, 3);
        }
    };
    add("repeatability", yard.repeatabilityBy);
    add("estimation", yard.estimationBy);
    add("control", yard.precision);
    if (const auto noise = yard.noise.find(variant);
        noise != yard.noise.end() && !noise->second.drifts.empty()) {
        const auto [low, high] =
            std::minmax_element(noise->second.drifts.begin(), noise->second.drifts.end());
        out += (out.empty() ? "" : ", ") + std::string("equal noise ") + formatNumber(*low, 3) +
               " to " + formatNumber(*high, 3);
    }
    add("disagreement", yard.disagreement);
    return out.empty() ? "" : "    drift of the yardsticks: " + out + "\n";
}

std::string verdictsText(const VariantAggregate& variant, const Yardsticks& yardsticks,
                         std::size_t index) {
    std::string out;
    for (const EndpointVerdict& each : variant.verdicts) {
        out += "  " + each.judgement.sentence + "\n";
        const auto yard = yardsticks.find(each.figure);
        if (yard != yardsticks.end()) out += floorsText(yard->second, index);
    }
    return out;
}

std::string quadrantsText(const QuadrantTable& table) {
    std::string out;
    for (std::size_t q = 0; q < kQuadrants; ++q) {
        out += (q == 0 ? "  " : ", ") + std::string(quadrantName(static_cast<Quadrant>(q))) + " " +
               std::to_string(table.examples[q].size());
    }
    const auto& changed = table.of(Quadrant::SameAnswerOtherReasons);
    if (!changed.empty()) {
        out += "\n  same answer, other reasons, most first: rows";
        for (std::size_t i = 0; i < std::min<std::size_t>(5, changed.size()); ++i)
            out += " " + std::to_string(changed[i].example);
    }
    return out + "\n";
}

// The table of llama-perplexity --kl-divergence, by its definitions.
std::string tokensText(const DivergenceSummary& s) {
    std::string out = "  predictions of " + std::to_string(s.tokens) + " tokens\n";
    const auto row = [&](const char* name, const Estimated& own) {
        out +=
            "    " + padded(name, kNameColumns) +
            (own.value.value ? formatNumber(*own.value.value, 5) : "– (" + own.value.reason + ")");
        if (own.error.value) out += " ± " + formatNumber(*own.error.value, 3);
        out += "\n";
    };
    row("perplexity", s.variantPerplexity);
    row("reference_perplexity", s.referencePerplexity);
    row("log_perplexity_ratio", s.logRatio);
    row("kl", s.kl);
    row("rms_probability_change", s.rmsProbabilityChange);
    row("top1_same", s.sameTop);
    out += "    kl quantiles:";
    for (const AtQuantile& each : s.klQuantiles) {
        if (!each.value.value) continue;
        out += " " + formatNumber(100.0 * each.probability, 4) + " % " +
               formatNumber(*each.value.value, 3) + ",";
    }
    out.back() = '\n';
    return out;
}

// What each checkpoint changed since the one before it.
std::string stepsText(const DatasetResult& result) {
    std::string out;
    for (std::size_t i = 0; i < result.aggregate.fromPrevious.size(); ++i) {
        const VariantAggregate& step = result.aggregate.fromPrevious[i];
        out +=
            "\nfrom " + result.variants[i].name() + " to " + result.variants[i + 1].name() + "\n";
        for (const char* id : kOutputFigures)
            if (const auto found = step.output.find(id); found != step.output.end())
                out += figureRow(id, found->second);
        for (const auto& [method, metrics] : step.methods)
            for (const char* id : kMethodFigures)
                if (const auto found = metrics.find(id); found != metrics.end())
                    out += figureRow(method + "." + id, found->second);
    }
    return out;
}

std::string observedText(const ObservedAgreement& a) {
    std::string out = "deployed " + a.variant + ": the same answer in " +
                      std::to_string(a.sameAnswer.count) + " of " + std::to_string(a.prompts) +
                      " prompts";
    if (a.sameAnswer.interval.value)
        out += " (95 % " + formatNumber(a.sameAnswer.interval.value->low, 3) + " to " +
               formatNumber(a.sameAnswer.interval.value->high, 3) + ")";
    if (a.kl.value)
        out += "; KL(deployed ‖ computed here) " + formatNumber(*a.kl.value, 3) +
               " nats, largest " + formatNumber(*a.largestKl.value, 3);
    if (a.failed > 0) out += "; " + std::to_string(a.failed) + " prompts failed";
    for (const std::string& warning : a.warnings) out += "\nwarning: " + displayText(warning);
    return out + "\n";
}

std::string slicesText(const VariantAggregate& variant) {
    if (variant.slices.empty()) return "";
    std::string out = "  by slice (worst by flip rate: " + displayText(variant.worstSlice) + ")\n";
    for (const SliceFigures& slice : variant.slices)
        for (const auto& [name, figure] : slice.figures)
            out += figureRow("  " + displayText(slice.slice) + " (" +
                                 std::to_string(slice.examples) + ") " + name,
                             figure);
    return out;
}

std::string variantText(const DatasetResult& result, std::size_t i) {
    const VariantAggregate& variant = result.aggregate.variants[i];
    std::ostringstream out;
    out << "\n"
        << result.variants[i].name() << " (" << result.variants[i].storedForm << ", "
        << formatBytes(static_cast<unsigned long long>(result.variants[i].storedBytes)) << ")\n"
        << verdictsText(variant, result.aggregate.yardsticks, i);
    for (const char* id : kOutputFigures)
        if (const auto found = variant.output.find(id); found != variant.output.end())
            out << figureRow(id, found->second);
    for (const auto& [method, metrics] : variant.methods) {
        out << "  " << method << "\n";
        for (const char* id : kInsideFigures)
            if (const auto found = metrics.find(id); found != metrics.end())
                out << figureRow("  " + std::string(id), found->second);
        for (const char* id : kMethodFigures)
            if (const auto found = metrics.find(id); found != metrics.end())
                out << figureRow("  " + std::string(id), found->second);
    }
    if (variant.tokens) out << tokensText(*variant.tokens);
    out << quadrantsText(variant.quadrants);
    if (!variant.fragility.sentence.empty()) out << "  " << variant.fragility.sentence << "\n";
    out << slicesText(variant);
    return out.str();
}

}  // namespace

std::string datasetText(const DatasetResult& result) {
    std::ostringstream out;
    out << "reference " << result.reference.name() << " (" << result.reference.storedForm << "), "
        << result.aggregate.examples << " examples of " << displayText(result.dataFile) << "\n";
    for (const std::string& note : result.notes) out << "note: " << displayText(note) << "\n";
    for (const std::string& warning : result.warnings)
        out << "warning: " << displayText(warning) << "\n";
    if (result.observed.empty())
        out << "explains dequantised weights in " << result.reference.compute
            << "; the deployed kernels were not checked\n";
    for (const ObservedAgreement& each : result.observed) out << observedText(each);
    for (std::size_t i = 0; i < result.aggregate.variants.size(); ++i)
        out << variantText(result, i);
    out << stepsText(result);
    for (const VariantDifference& each : result.aggregate.differences) {
        if (&each == &result.aggregate.differences.front())
            out << "\nwhich variant drifts more (each pair by itself: not corrected for their "
                   "number)\n";
        out << "  " << result.variants[each.first].name() << " beside "
            << result.variants[each.second].name() << ", " << each.figure << ": "
            << each.found.sentence << "\n";
    }
    constexpr std::array<const char*, 3> kOutcomes = {"met", "FAILED", "INCONCLUSIVE"};
    for (const GateResult& gate : result.gates) {
        out << "\ngate " << gate.gate.text << ": "
            << kOutcomes[static_cast<std::size_t>(gate.outcome)] << "; " << gate.explanation;
    }
    if (!result.gates.empty()) out << "\n";
    return out.str();
}

}  // namespace driftlens
