// The rules for one prompt.
#include "core/base/text.h"
#include "reports/document/json_view.h"
#include "reports/document/summary.h"
#include "reports/document/summary_rules.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace driftlens {
namespace {

constexpr std::size_t kLeaning = 3;       // words that are named
constexpr std::size_t kMostVariants = 3;  // that get a sentence of their own

std::string quotedText(const std::string& text) {
    return "“" + text + "”";
}

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out += i + 1 == parts.size() ? " and " : ", ";
        out += parts[i];
    }
    return out;
}

std::string cut(const std::string& text) {
    constexpr std::size_t kMost = 160;
    if (text.size() <= kMost) return text;
    std::size_t end = kMost;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + "…";
}

std::string referenceAnswer(const Json& comparison) {
    return textOf(valueAt(comparison, "/variants/0/fidelity/reference_top/text"),
                  textOf(valueAt(comparison, "/target/text")));
}

bool hasFailed(const Json& variant) {
    return !textOf(memberOf(variant, "failed")).empty();
}

bool flips(const Json& variant) {
    return isTrue(valueAt(variant, "/fidelity/flip"));
}

std::set<std::string> leaningSet(const Json& comparison, const Json& scores) {
    std::set<std::string> out;
    for (const LeaningToken& each : leaningTokens(comparison, scores, kLeaning))
        out.insert(each.text);
    return out;
}

std::string reasonsChange(const Json& comparison, const Json& variant) {
    const Json& drift = valueAt(variant, "/explanations/0");
    if (drift.is_null()) return "";
    const std::set<std::string> before =
        leaningSet(comparison, memberOf(drift, "reference_scores"));
    const std::set<std::string> after = leaningSet(comparison, memberOf(drift, "variant_scores"));
    if (before.empty() || after.empty()) return "";
    std::vector<std::string> added;
    for (const std::string& each : after)
        if (before.count(each) == 0) added.push_back(quotedText(each));
    if (added.empty())
        return before.size() == after.size() ? "; it leans on the same words"
                                             : "; it leans on fewer of the same words";
    return "; it now leans on " + joined(added) + ", which was not among the reference's first";
}

// Changes that three digits do not show are none to a reader.
std::string probabilityText(double before, double after) {
    const std::string from = formatNumber(before, 3), to = formatNumber(after, 3);
    if (from == to) return " (its probability stays " + from + ")";
    return " (probability of the reference's answer " + from + " → " + to + ")";
}

std::string timesText(double ratio) {
    if (ratio >= 1000.0) return "more than 1000 times what";
    return formatNumber(ratio, 2) + " times what";
}

std::string variantSentence(const Json& comparison, const Json& variant) {
    const std::string name = modelName(memberOf(variant, "model"));
    if (hasFailed(variant)) return name + " gave no result.";
    const Json& fidelity = memberOf(variant, "fidelity");
    const std::optional<double> before = numberOf(valueAt(fidelity, "/reference_top/probability"));
    const std::optional<double> change = numberOf(memberOf(fidelity, "probability_change"));
    std::string out = name + " ";
    out += flips(variant)
               ? "answers " + quotedText(textOf(valueAt(fidelity, "/variant_top/text"))) +
                     " instead of " + quotedText(referenceAnswer(comparison))
               : "keeps the answer " + quotedText(referenceAnswer(comparison));
    if (before && change) out += probabilityText(*before, *before + *change);
    return out + reasonsChange(comparison, variant) + ".";
}

// With many variants one sentence says how many changed and which.
std::string manyVariants(const Json& variants) {
    std::vector<std::string> changed;
    for (const Json& variant : variants)
        if (!hasFailed(variant) && flips(variant))
            changed.push_back(modelName(memberOf(variant, "model")));
    if (changed.empty())
        return "All " + std::to_string(variants.size()) + " variants keep the reference's answer.";
    return std::to_string(changed.size()) + " of " + std::to_string(variants.size()) +
           " variants change the answer: " + joined(changed) + ".";
}

std::string askedLine(const Json& comparison) {
    const std::string prompt = textOf(memberOf(comparison, "prompt"));
    const std::string subject =
        prompt.empty() ? "a prompt given as token ids" : quotedText(cut(prompt));
    const std::size_t variants = memberOf(comparison, "variants").size();
    return "We gave " + modelName(memberOf(comparison, "reference")) + " and " +
           counted(variants, "compressed variant") + " of it the same text, " + subject +
           ", and asked why the reference answers " + quotedText(referenceAnswer(comparison)) + ".";
}

std::string leanedLine(const Json& comparison) {
    for (const Json& variant : memberOf(comparison, "variants")) {
        const Json& drift = valueAt(variant, "/explanations/0");
        if (drift.is_null()) continue;
        std::vector<std::string> towards, against;
        for (const LeaningToken& each :
             leaningTokens(comparison, memberOf(drift, "reference_scores"), kLeaning)) {
            (each.score >= 0.0 ? towards : against).push_back(quotedText(each.text));
        }
        if (towards.empty() && against.empty())
            return "No word mattered measurably to the reference's answer.";
        std::string out = "The reference leaned most on ";
        out += towards.empty() ? joined(against) + ", which spoke against its answer"
                               : joined(towards);
        if (!towards.empty() && !against.empty())
            out += "; " + joined(against) + " spoke against it";
        return out + " (by " + textOf(memberOf(drift, "method")) + ").";
    }
    return "No explanation was asked for: nothing is said about what the model leaned on.";
}

std::string sureLine(const Json& comparison) {
    double change = 0.0, floor = 0.0;
    bool hasFloor = false;
    for (const Json& variant : memberOf(comparison, "variants")) {
        for (const Json& drift : memberOf(variant, "explanations")) {
            const double own = numberOf(memberOf(drift, "largest_difference")).value_or(0.0);
            const Json& yard = valueAt(drift, "/yardsticks/repeatability");
            if (yard.is_null()) continue;
            hasFloor = true;
            if (own < change) continue;
            change = own;
            floor =
                std::max(numberOf(valueAt(yard, "/float64/largest_difference")).value_or(0.0),
                         numberOf(valueAt(yard, "/batch_shape/largest_difference")).value_or(0.0));
        }
    }
    if (!hasFloor)
        return "How far the reference's reasons vary by themselves was not measured here, so the "
               "size of the change cannot be judged.";
    if (change <= floor)
        return "The reasons differ by no more than the reference differs from itself when it is "
               "computed in another way: this is rounding.";
    std::string out = "The largest change of a reason (" + formatNumber(change, 3) + ") is ";
    out += floor > 0.0 ? timesText(change / floor) : "more than";
    return out +
           " the reference differs from itself by rounding, so it is real; whether it "
           "matters was not tested, as no margin was declared.";
}

}  // namespace

std::vector<std::string> promptSummary(const Json& report) {
    const Json& comparison = memberOf(report, "comparison");
    const Json& variants = memberOf(comparison, "variants");
    std::vector<std::string> out = {askedLine(comparison), leanedLine(comparison)};
    if (variants.size() > kMostVariants) {
        out.push_back(manyVariants(variants));
    } else {
        // One line for all of them: the summary stays as short with three as with one.
        std::string line;
        for (const Json& variant : variants)
            line += (line.empty() ? "" : " ") + variantSentence(comparison, variant);
        out.push_back(line.empty() ? "No variant was compared." : line);
    }
    out.push_back(sureLine(comparison));
    out.emplace_back("This is one text: another text may give another result.");
    return out;
}

Headline promptHeadline(const Json& report) {
    const Json& variants = valueAt(report, "/comparison/variants");
    std::vector<std::string> flipped;
    std::size_t failed = 0;
    for (const Json& variant : variants) {
        if (hasFailed(variant))
            ++failed;
        else if (flips(variant))
            flipped.push_back(modelName(memberOf(variant, "model")));
    }
    const std::string of = " of " + counted(variants.size(), "variant");
    if (!flipped.empty())
        return {Headline::Outcome::Changed, "ANSWER CHANGED",
                "On this prompt " + std::to_string(flipped.size()) + of +
                    (flipped.size() == 1 ? " gives" : " give") +
                    " another answer than the reference" + namedIfFew(flipped) + "."};
    if (failed > 0)
        return {Headline::Outcome::Unclear, "NO RESULT",
                std::to_string(failed) + of + " gave no result."};
    return {Headline::Outcome::Unchanged, "ANSWER KEPT",
            "On this prompt no variant changes the reference's answer."};
}

}  // namespace driftlens
