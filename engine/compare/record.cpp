#include "engine/compare/record.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/compare/checks_json.h"
#include "engine/compare/drift.h"
#include "engine/compare/run_log.h"
#include "engine/compare/storage_json.h"
#include "engine/compare/structure_json.h"

#include <algorithm>
#include <limits>

namespace driftlens {
namespace {

Json optionalRecord(const std::optional<double>& value) {
    return value ? Json(exactNumber(*value)) : Json(nullptr);
}

Json scoresRecord(AuditLog& log, const std::vector<double>& scores) {
    const auto size = static_cast<std::int64_t>(scores.size());
    return blobJson(log.addBlob(scores, std::vector<std::int64_t>{size}));
}

Json figuresRecord(const std::map<std::string, double>& figures) {
    Json out = Json::object();
    for (const auto& [name, value] : figures) out[name] = exactNumber(value);
    return out;
}

// Its answers are in the payload (textsRecord): they tell of the prompt, which must be erasable.
Json partRecord(const Part& part) {
    return {{"name", part.name},
            {"layer", part.layer},
            {"head", part.head},
            {"position", part.position},
            {"figures", figuresRecord(part.figures)}};
}

// A value, or why there is none.
Json metricsRecord(const std::map<std::string, Figure>& metrics) {
    Json out = Json::object();
    for (const auto& [name, figure] : metrics) {
        out[name] = figure.value ? Json{{"value", exactNumber(*figure.value)}}
                                 : Json{{"reason", figure.reason}};
    }
    return out;
}

// Ids and texts of the tokens are in the payload (textsRecord).
Json answerTokensRecord(AuditLog& log, const std::vector<AnswerTokenScores>& tokens) {
    Json out = Json::array();
    for (const AnswerTokenScores& token : tokens) {
        out.push_back(
            {{"value", exactNumber(token.value)}, {"scores", scoresRecord(log, token.scores)}});
        if (token.completenessGap)
            out.back()["completeness_gap"] = exactNumber(*token.completenessGap);
    }
    return out;
}

// Units tell where the words of the prompt end, so they are in the payload (textsRecord).
Json interactionsRecord(AuditLog& log, const PairScores& pairs) {
    const auto size = static_cast<std::int64_t>(pairs.units.size());
    const std::vector<std::int64_t> shape = {size, size};
    return {{"meaning", pairs.meaning}, {"values", blobJson(log.addBlob(pairs.values, shape))}};
}

// What an explanation says in words and ids of the prompt and of answers: for a payload, never for
// a record's body, which cannot be erased. Null if it says nothing.
Json textsRecord(const Attribution& attribution) {
    Json out = Json::object();
    for (const Part& part : attribution.parts) {
        if (part.answers.empty()) continue;
        Json& answers = out["answers"][part.name] = Json::array();
        for (const RankedAnswer& answer : part.answers) {
            answers.push_back({{"id", answer.id},
                               {"text", answer.text},
                               {"log_probability", exactNumber(answer.logProbability)}});
        }
    }
    for (const AnswerTokenScores& token : attribution.answerTokens)
        out["answer_tokens"].push_back({{"id", token.id}, {"text", token.text}});
    if (attribution.interactions) out["interaction_units"] = attribution.interactions->units;
    for (const Edit& edit : attribution.edits) {
        out["edits"].push_back({{"tokens", edit.tokens},
                                {"start", edit.bytes.begin},
                                {"end", edit.bytes.end},
                                {"from", edit.from},
                                {"to", edit.to}});
    }
    return out.empty() ? Json(nullptr) : out;
}

Json fidelityRecord(const Fidelity& f) {
    return {{"kl", exactNumber(f.kl)},
            {"reverse_kl", exactNumber(f.reverseKl)},
            {"js", exactNumber(f.js)},
            {"flip", f.flip},
            {"probability_change", exactNumber(f.probabilityChange)},
            {"reference_probability", exactNumber(f.referenceProbability)},
            {"variant_probability", exactNumber(f.variantProbability)}};
}

Json driftRecord(AuditLog& log, const ExplanationDrift& drift) {
    const Repeatability& r = drift.repeatability;
    Json out = {{"reference", attributionRecord(log, drift.reference)},
                {"variant", attributionRecord(log, drift.variant)},
                {"reference_float64", scoresRecord(log, r.float64Scores)},
                {"reference_other_batch", scoresRecord(log, r.otherBatchScores)},
                {"largest_difference", exactNumber(drift.largestDifference)},
                {"verdict", drift.verdict}};
    if (drift.checks) out["checks"] = checksRecord(log, *drift.checks);
    return out;
}

Json tokenRecord(const Token& token) {
    return {{"id", token.id},
            {"text", token.text},
            {"start", token.bytes ? Json(token.bytes->begin) : Json(nullptr)},
            {"end", token.bytes ? Json(token.bytes->end) : Json(nullptr)},
            {"special", token.isSpecial},
            {"type", token.typeId}};
}

Json inputRecord(const TokenizedInput& input, const std::vector<std::int64_t>& ids,
                 const Target& target) {
    Json tokens = Json::array();
    for (const Token& token : input.tokens) tokens.push_back(tokenRecord(token));
    return {{"text", input.text},
            {"tokens", tokens},
            {"ids", ids},
            {"target",
             {{"kind", static_cast<int>(target.kind)},
              {"id", target.id},
              {"contrast_id", target.contrastId},
              {"continuation", target.continuation},
              {"text", target.text}}}};
}

std::string examplePayload(const Comparison& comparison, const VariantResult& variant) {
    const Fidelity& f = variant.fidelity;
    Json out = inputRecord(comparison.input, comparison.ids, comparison.target);
    out["warnings"] = comparison.warnings;
    out["reference_top"] = {{"id", f.referenceTop}, {"text", f.referenceTopText}};
    out["variant_top"] = {{"id", f.variantTop}, {"text", f.variantTopText}};
    Json& texts = out["explanations"] = Json::array();
    for (const ExplanationDrift& drift : variant.explanations) {
        texts.push_back(
            {{"reference", textsRecord(drift.reference)}, {"variant", textsRecord(drift.variant)}});
    }
    return canonicalJson(out);
}

std::string examplePayload(const Explanation& explanation) {
    Json out = inputRecord(explanation.input, explanation.input.ids(), explanation.target);
    Json& texts = out["results"] = Json::array();
    for (const Attribution& result : explanation.results) texts.push_back(textsRecord(result));
    Json& reasons = out["left_out"] = Json::array();
    for (const Explanation::LeftOut& each : explanation.leftOut) reasons.push_back(each.reason);
    return canonicalJson(out);
}

}  // namespace

Json identityJson(const ModelIdentity& identity) {
    Json files = Json::array();
    for (const FileDigest& file : identity.files) {
        files.push_back({{"name", file.name}, {"size", file.size}, {"sha256", toHex(file.digest)}});
    }
    return {{"path", identity.path},
            {"family", identity.family},
            {"task", identity.task},
            {"scheme", identity.scheme},
            {"stored_form", identity.storedForm},
            {"compute", identity.compute},
            {"digest", identity.digest},
            {"parameters", identity.parameters},
            {"stored_bytes", identity.storedBytes},
            {"storage", toJson(identity.storage)},
            {"files", files}};
}

Json attributionRecord(AuditLog& log, const Attribution& attribution) {
    Json parts = Json::array();
    for (const Part& part : attribution.parts) parts.push_back(partRecord(part));
    return {
        {"method", attribution.method},
        {"virtual_scores", attribution.virtualScores.empty()
                               ? Json(nullptr)
                               : scoresRecord(log, attribution.virtualScores)},
        {"settings", withoutTexts(attribution.settings)},
        {"baseline", attribution.baseline},
        {"scores", scoresRecord(log, attribution.scores)},
        {"norms", attribution.norms.empty() ? Json(nullptr) : scoresRecord(log, attribution.norms)},
        {"standard_error", attribution.standardError.empty()
                               ? Json(nullptr)
                               : scoresRecord(log, attribution.standardError)},
        {"answer_tokens", answerTokensRecord(log, attribution.answerTokens)},
        {"interactions", attribution.interactions
                             ? interactionsRecord(log, *attribution.interactions)
                             : Json(nullptr)},
        {"figures", figuresRecord(attribution.figures)},
        {"metrics", metricsRecord(attribution.metrics)},
        {"parts", parts},
        {"target_value", exactNumber(attribution.targetValue)},
        {"baseline_value", optionalRecord(attribution.baselineValue)},
        {"completeness_gap", optionalRecord(attribution.completenessGap)},
        {"evaluations", attribution.evaluations},
        {"seconds", exactNumber(attribution.seconds)},
        {"gradient", static_cast<int>(attribution.gradient)},
        {"has_converged", attribution.hasConverged},
        {"warnings", attribution.warnings}};
}

AuditResult explanationResult(AuditLog& log, const Explanation& explanation) {
    Json results = Json::array();
    for (const Attribution& result : explanation.results)
        results.push_back(attributionRecord(log, result));
    Json leftOut = Json::array();
    for (const Explanation::LeftOut& each : explanation.leftOut) leftOut.push_back(each.method);
    return {{{"model", identityJson(explanation.model)},
             {"batch", explanation.batch},
             {"quantity", quantityName(explanation.target.quantity)},
             {"position", explanation.target.position},
             {"target_value", exactNumber(explanation.targetValue)},
             {"left_out", leftOut},
             {"results", results}},
            {{"example", examplePayload(explanation)}}};
}

std::vector<AuditResult> comparisonResults(AuditLog& log, const Comparison& comparison) {
    std::vector<AuditResult> out;
    const auto& steps = comparison.fromPrevious;  // of the second variant and those behind it
    for (std::size_t i = 0; i < comparison.variants.size(); ++i) {
        const VariantResult& variant = comparison.variants[i];
        Json explanations = Json::array();
        for (const ExplanationDrift& drift : variant.explanations)
            explanations.push_back(driftRecord(log, drift));
        out.push_back({{{"reference", identityJson(comparison.reference)},
                        {"model", identityJson(variant.model)},
                        {"fidelity", fidelityRecord(variant.fidelity)},
                        {"structure", structureRecord(log, variant.structure)},
                        {"quantity", quantityName(comparison.target.quantity)},
                        {"position", comparison.target.position},
                        {"reference_target_value", exactNumber(comparison.referenceTargetValue)},
                        {"batch", comparison.batch},
                        {"explanations", explanations}},
                       {{"example", examplePayload(comparison, variant)}}});
        if (i > 0 && i <= steps.size())
            out.back().body["from_previous"] = fidelityRecord(steps[i - 1].fidelity);
    }
    return out;
}

}  // namespace driftlens
