// The rules for a data set.
#include "core/base/text.h"
#include "reports/document/json_view.h"
#include "reports/document/summary_rules.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace driftlens {
namespace {

constexpr std::size_t kMostVariants = 3;  // that get a sentence of their own

std::string fileName(const Json& dataset) {
    const std::string path = textOf(valueAt(dataset, "/data/file"), "a data set");
    return path.substr(path.rfind('/') + 1);
}

const Json& verdictOf(const Json& variant, bool isOfAnswers) {
    static const Json kAbsent;
    for (const Json& verdict : memberOf(variant, "verdicts"))
        if ((textOf(memberOf(verdict, "endpoint")) == "flip_rate") == isOfAnswers) return verdict;
    return kAbsent;
}

// What each word of a verdict means to somebody who has not read its definition.
struct PlainVerdict {
    std::string_view verdict, ofAnswers, ofReasons;
};
constexpr std::array<PlainVerdict, 5> kPlainVerdicts = {{
    {"material", "more than the margin that was declared beforehand allows",
     "its reasons changed by more than the declared margin"},
    {"immaterial", "within the margin that was declared beforehand",
     "its reasons stayed within the declared margin"},
    {"not detectable", "no more than the reference differs from itself",
     "its reasons changed no more than the reference's own do"},
    {"too few examples", "too few examples to say whether that matters",
     "whether its reasons changed cannot be said from so few examples"},
    {"not judged", "not judged", "its reasons were not judged"},
}};

const PlainVerdict& inPlainWords(const Json& verdict) {
    const std::string word = textOf(memberOf(verdict, "verdict"));
    const auto* found =
        std::find_if(kPlainVerdicts.begin(), kPlainVerdicts.end(),
                     [&](const PlainVerdict& each) { return each.verdict == word; });
    return found == kPlainVerdicts.end() ? kPlainVerdicts.back() : *found;
}

std::string answersPart(const Json& variant) {
    const Json& flips = valueAt(variant, "/figures/flip_rate");
    const std::optional<double> rate = numberOf(memberOf(flips, "value"));
    if (!rate) return "has no measured rate of changed answers";
    std::string out = *rate == 0.0
                          ? "changes no answer"
                          : "changes the answer in " + percentText(*rate) + " of the examples";
    const std::optional<double> low = numberOf(memberOf(flips, "low"));
    const std::optional<double> high = numberOf(memberOf(flips, "high"));
    if (low && high)
        out += " (95 % interval " + percentText(*low) + " to " + percentText(*high) + ")";
    const Json& verdict = verdictOf(variant, true);
    if (!verdict.is_null()) out += ": " + std::string(inPlainWords(verdict).ofAnswers);
    return out;
}

std::string variantSentence(const Json& variant) {
    return modelName(variant) + " " + answersPart(variant) + "; " +
           std::string(inPlainWords(verdictOf(variant, false)).ofReasons) + ".";
}

std::vector<std::string> variantsWith(const Json& variants, const std::string& word) {
    std::vector<std::string> out;
    for (const Json& variant : variants) {
        for (const Json& verdict : memberOf(variant, "verdicts")) {
            if (textOf(memberOf(verdict, "verdict")) != word) continue;
            out.push_back(modelName(variant));
            break;
        }
    }
    return out;
}

// Variants without a verdict, or with one that leaves it open.
std::size_t undecided(const Json& variants) {
    std::size_t out = 0;
    for (const Json& variant : variants) {
        const Json& verdicts = memberOf(variant, "verdicts");
        const bool isDecided = !verdicts.empty() &&
                               std::all_of(verdicts.begin(), verdicts.end(), [](const Json& each) {
                                   const std::string word = textOf(memberOf(each, "verdict"));
                                   return word != "too few examples" && word != "not judged";
                               });
        if (!isDecided) ++out;
    }
    return out;
}

std::string askedLine(const Json& dataset) {
    std::string out =
        "We gave " + modelName(memberOf(dataset, "reference")) + " and " +
        counted(memberOf(dataset, "variants").size(), "compressed variant") + " of it the same " +
        counted(memberOf(dataset, "examples").get<std::size_t>(), "example") + " of " +
        fileName(dataset) + ", and asked whether answers and reasons stayed the same.";
    const std::size_t failed =
        static_cast<std::size_t>(numberOf(memberOf(dataset, "failed_examples")).value_or(0.0));
    if (failed > 0) out += " " + counted(failed, "example") + " gave no result and count nowhere.";
    return out;
}

std::string leanedLine(const Json& report) {
    for (const Json& each : memberOf(report, "notable")) {
        const Json& comparison = memberOf(each, "comparison");
        const Json& scores = valueAt(comparison, "/variants/0/explanations/0/reference_scores");
        std::string words;
        for (const LeaningToken& token : leaningTokens(comparison, scores, 3))
            words += (words.empty() ? "“" : ", “") + token.text + "”";
        if (!words.empty())
            return "In example " + std::to_string(memberOf(each, "example").get<std::int64_t>()) +
                   ", for instance, the reference leaned most on " + words +
                   "; the examples worth reading are shown word by word below.";
    }
    return "Which words the models leaned on is not in this report: no single example was kept "
           "in it.";
}

std::string changedLine(const Json& variants) {
    if (variants.size() > kMostVariants) {
        return std::to_string(variantsWith(variants, "material").size()) + " of " +
               std::to_string(variants.size()) +
               " variants changed answers or reasons by more than the declared margin.";
    }
    std::string out;
    for (const Json& variant : variants) out += (out.empty() ? "" : " ") + variantSentence(variant);
    return out.empty() ? "No variant was compared." : out;
}

// Same answer, other reasons: what accuracy alone cannot show.
std::string hiddenLine(const Json& variants) {
    std::string out;
    for (const Json& variant : variants) {
        const std::optional<double> count =
            numberOf(valueAt(variant, "/quadrants/same answer, other reasons/count"));
        if (count && *count > 0.0 && out.size() < 200)
            out +=
                (out.empty() ? "" : ", ") + formatNumber(*count, 8) + " with " + modelName(variant);
    }
    if (out.empty()) return "";
    return "Examples where the answer stayed but the reasons changed: " + out + ".";
}

std::string sureLine(const Json& dataset) {
    const Json& variants = memberOf(dataset, "variants");
    std::string out =
        "The intervals say how far these figures could move with other examples of "
        "the same kind";
    const std::size_t few = variantsWith(variants, "too few examples").size();
    out += few > 0 ? "; for " + counted(few, "variant") +
                         " they are too wide to decide, and more examples would be needed."
                   : ".";
    std::size_t failed = 0;
    const Json& gates = memberOf(dataset, "gates");
    for (const Json& gate : gates)
        if (textOf(memberOf(gate, "outcome")) != "met") ++failed;
    if (!gates.empty())
        out += " Of " + counted(gates.size(), "declared limit") + ", " +
               (failed == 0 ? "all are met."
                            : std::to_string(failed) + " failed or could not be decided.");
    return out;
}

std::size_t gatesThat(const Json& report, std::string_view outcome) {
    std::size_t out = 0;
    for (const Json& gate : valueAt(report, "/dataset/gates"))
        out += textOf(memberOf(gate, "outcome")) == outcome ? 1 : 0;
    return out;
}

}  // namespace

std::vector<std::string> datasetSummary(const Json& report) {
    const Json& dataset = memberOf(report, "dataset");
    const Json& variants = memberOf(dataset, "variants");
    std::vector<std::string> out = {askedLine(dataset), leanedLine(report), changedLine(variants)};
    if (const std::string hidden = hiddenLine(variants); !hidden.empty()) out.push_back(hidden);
    out.push_back(sureLine(dataset));
    return out;
}

Headline datasetHeadline(const Json& report) {
    const Json& variants = valueAt(report, "/dataset/variants");
    const std::string of = " of " + counted(variants.size(), "variant");
    if (const auto material = variantsWith(variants, "material"); !material.empty())
        return {Headline::Outcome::Changed, "MATERIAL CHANGE",
                std::to_string(material.size()) + of +
                    (material.size() == 1 ? " changes" : " change") +
                    " answers or reasons by more than the margin that was declared beforehand" +
                    namedIfFew(material) + "."};
    if (const std::size_t failed = gatesThat(report, "failed"); failed > 0)
        return {Headline::Outcome::Changed, "LIMIT FAILED",
                counted(failed, "limit") + " that " + (failed == 1 ? "was" : "were") +
                    " declared with the run " + (failed == 1 ? "is" : "are") + " not kept."};
    if (const std::size_t open = undecided(variants); open > 0 || variants.empty())
        return {Headline::Outcome::Unclear, "NOT DECIDED",
                "No change beyond the declared margin is established, but for " +
                    std::to_string(open) + of + " the examples do not suffice to exclude it."};
    if (const std::size_t open = gatesThat(report, "inconclusive"); open > 0)
        return {Headline::Outcome::Unclear, "NOT DECIDED",
                "No change beyond the declared margin was found, but whether " +
                    counted(open, "declared limit") + (open == 1 ? " is" : " are") +
                    " kept the examples do not decide."};
    return {Headline::Outcome::Unchanged, "NO MATERIAL CHANGE",
            "Every variant's answers and reasons stay within the margins that were declared "
            "beforehand."};
}

}  // namespace driftlens
