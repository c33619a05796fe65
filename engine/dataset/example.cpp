#include "engine/dataset/example.h"

#include "engine/compare/structure_drift.h"
#include "xai/metrics/chance.h"
#include "xai/metrics/score_distance.h"

#include <array>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::array<std::size_t, 4> kTopCounts = {1, 3, 5, 10};

// Special tokens say little of the text and much of the model's habits.
std::vector<double> contentScores(const Attribution& attribution, const TokenizedInput& input) {
    if (!attribution.parts.empty() || attribution.scores.size() != input.tokens.size())
        return attribution.scores;
    std::vector<double> out;
    for (std::size_t i = 0; i < input.tokens.size(); ++i)
        if (!input.tokens[i].isSpecial) out.push_back(attribution.scores[i]);
    return out.empty() ? attribution.scores : out;
}

void addInsides(const StructureDrift& drift, VariantOutcome& out) {
    for (auto&& [group, figures] : {std::pair(kInsideGroups[0], attentionFigures(drift)),
                                    std::pair(kInsideGroups[1], activationFigures(drift))})
        if (!figures.empty()) out.methods[group].raw = figures;
}

}  // namespace

MethodOutcome agreementOutcome(const Attribution& reference, const Attribution& variant,
                               const TokenizedInput& input) {
    MethodOutcome out;
    out.hasConverged = reference.hasConverged && variant.hasConverged;
    const std::vector<double> a = contentScores(reference, input);
    const std::vector<double> b = contentScores(variant, input);
    if (a.size() != b.size()) return out;  // parts that only one of them has: nothing is compared
    for (const AgreementFigure& figure : agreementFigures(a, b, kTopCounts)) {
        out.raw[figure.id] = figure.raw;
        out.byChance[figure.id] = figure.byChance;
    }
    const ScoreDistance distance = scoreDistance(a, b);
    out.raw["mass_moved"] = distance.massMoved;
    return out;
}

VariantOutcome variantOutcome(const VariantResult& result, const TokenizedInput& input) {
    VariantOutcome out;
    out.failed = result.failed;
    if (!out.failed.empty()) return out;
    const Fidelity& f = result.fidelity;
    out.fidelity = {{"kl", f.kl},
                    {"reverse_kl", f.reverseKl},
                    {"js", f.js},
                    {"probability_change", f.probabilityChange},
                    {"flip_rate", f.flip ? 1.0 : 0.0},
                    {"top1_same", f.flip ? 0.0 : 1.0}};
    for (const auto& [k, overlap] : f.topOverlap)
        out.fidelity["top_overlap@" + std::to_string(k)] = overlap;
    out.answer = f.variantTop;
    out.confidence = f.variantTopProbability;
    for (const ExplanationDrift& drift : result.explanations)
        out.methods[drift.method] = agreementOutcome(drift.reference, drift.variant, input);
    out.tokens = result.tokens;
    addInsides(result.structure, out);
    return out;
}

ExampleOutcome exampleOutcome(const Comparison& comparison) {
    ExampleOutcome out;
    for (const VariantResult& variant : comparison.variants)
        out.variants.push_back(variantOutcome(variant, comparison.input));
    for (const VariantResult& step : comparison.fromPrevious)
        out.fromPrevious.push_back(variantOutcome(step, comparison.input));
    out.answer = comparison.referenceAnswer;
    out.confidence = comparison.referenceConfidence;
    out.margin = comparison.referenceMargin;
    return out;
}

}  // namespace driftlens
