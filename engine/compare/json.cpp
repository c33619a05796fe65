// The stable JSON of product.md: other programs rely on these keys.
#include "core/base/figure_json.h"
#include "engine/compare/checks_json.h"
#include "engine/compare/explain.h"
#include "engine/compare/storage_json.h"
#include "engine/compare/structure_json.h"

namespace driftlens {
namespace {

Json optionalJson(const std::optional<double>& value) {
    return value ? jsonNumber(*value) : Json(nullptr);
}

Json byK(const std::map<int, Figure>& figures) {
    Json out = Json::object();
    for (const auto& [k, figure] : figures) out[std::to_string(k)] = figureJson(figure);
    return out;
}

void addReason(Json& reasons, const char* name, const Figure& figure) {
    if (!figure.value) reasons[name] = figure.reason;
}

Json agreementJson(const Agreement& a) {
    Json out = {{"spearman", figureJson(a.spearman)},
                {"kendall", figureJson(a.kendall)},
                {"pearson", figureJson(a.pearson)},
                {"cosine", figureJson(a.cosine)},
                {"rbo", figureJson(a.rbo)},
                {"jaccard", byK(a.jaccard)},
                {"feature_agreement", byK(a.featureAgreement)},
                {"rank_agreement", byK(a.rankAgreement)},
                {"sign_agreement", byK(a.signAgreement)},
                {"signed_rank_agreement", byK(a.signedRankAgreement)}};
    Json reasons = Json::object();
    addReason(reasons, "spearman", a.spearman);
    addReason(reasons, "kendall", a.kendall);
    addReason(reasons, "pearson", a.pearson);
    addReason(reasons, "cosine", a.cosine);
    for (const auto& [k, figure] : a.jaccard) {
        if (!figure.value) reasons["at_" + std::to_string(k)] = figure.reason;
    }
    if (!reasons.empty()) out["undefined"] = reasons;
    return out;
}

Json modelJson(const ModelIdentity& model) {
    Json out = {{"path", model.path},
                {"name", model.name()},
                {"family", model.family},
                {"task", model.task},
                {"digest", model.digest},
                {"scheme", model.scheme},
                {"compute", model.compute},
                {"stored_form", model.storedForm},
                {"parameters", model.parameters},
                {"stored_bytes", model.storedBytes}};
    if (!model.storage.empty()) out["storage"] = toJson(model.storage);
    return out;
}

Json targetJson(const Target& target, double value) {
    Json out = {{"kind", targetKindName(target.kind)},
                {"quantity", quantityName(target.quantity)},
                {"token", target.id},
                {"text", target.text},
                {"position", target.position},
                {"value", jsonNumber(value)}};
    if (target.kind == TargetKind::Contrast) out["contrast_token"] = target.contrastId;
    if (target.kind == TargetKind::Continuation) out["continuation"] = target.continuation;
    return out;
}

Json tokenJson(const Token& token) {
    return {{"id", token.id},
            {"text", token.text},
            {"start", token.bytes ? Json(token.bytes->begin) : Json(nullptr)},
            {"end", token.bytes ? Json(token.bytes->end) : Json(nullptr)}};
}

Json scoresJson(const std::vector<double>& scores) {
    Json out = Json::array();
    for (const double score : scores) out.push_back(jsonNumber(score));
    return out;
}

Json answersJson(const std::vector<RankedAnswer>& answers) {
    Json out = Json::array();
    for (const RankedAnswer& answer : answers) {
        out.push_back({{"id", answer.id},
                       {"text", answer.text},
                       {"log_probability", jsonNumber(answer.logProbability)}});
    }
    return out;
}

Json partJson(const Part& part, double score) {
    const auto indexJson = [](std::int64_t index) { return index < 0 ? Json() : Json(index); };
    Json figures = Json::object();
    for (const auto& [name, value] : part.figures) figures[name] = jsonNumber(value);
    return {{"name", part.name},
            {"layer", indexJson(part.layer)},
            {"head", indexJson(part.head)},
            {"position", indexJson(part.position)},
            {"score", jsonNumber(score)},
            {"figures", figures},
            {"answers", answersJson(part.answers)}};
}

Json partsJson(const Attribution& attribution) {
    Json out = Json::array();
    for (std::size_t i = 0; i < attribution.parts.size(); ++i)
        out.push_back(partJson(attribution.parts[i], attribution.scores[i]));
    return out;
}

// Scores are with the tokens unless they belong to parts; norms always are.
Json tokensJson(const Attribution& attribution, const TokenizedInput& input) {
    Json out = Json::array();
    for (std::size_t i = 0; i < input.tokens.size(); ++i) {
        out.push_back(tokenJson(input.tokens[i]));
        if (attribution.parts.empty()) out.back()["score"] = jsonNumber(attribution.scores[i]);
        if (!attribution.norms.empty()) out.back()["norm"] = jsonNumber(attribution.norms[i]);
    }
    return out;
}

// A token that stands alone and has no place in the text has no range.
Json groupsJson(const std::vector<ScoreGroup>& groups) {
    Json out = Json::array();
    for (const ScoreGroup& group : groups) {
        const bool isInText = group.bytes.begin < group.bytes.end;
        out.push_back({{"text", group.text},
                       {"start", isInText ? Json(group.bytes.begin) : Json()},
                       {"end", isInText ? Json(group.bytes.end) : Json()},
                       {"tokens", group.tokens},
                       {"score", jsonNumber(group.score)}});
    }
    return out;
}

// A matrix of answer tokens by prompt tokens.
Json answerTokensJson(const std::vector<AnswerTokenScores>& tokens) {
    Json out = Json::array();
    for (const AnswerTokenScores& token : tokens) {
        out.push_back({{"id", token.id},
                       {"text", token.text},
                       {"value", jsonNumber(token.value)},
                       {"scores", scoresJson(token.scores)},
                       {"completeness_gap", optionalJson(token.completenessGap)}});
    }
    return out;
}

Json interactionsJson(const PairScores& pairs) {
    Json rows = Json::array();
    for (std::size_t i = 0; i < pairs.values.size(); ++i) {
        if (i % pairs.units.size() == 0) rows.push_back(Json::array());
        rows.back().push_back(jsonNumber(pairs.values[i]));
    }
    return {{"meaning", pairs.meaning}, {"units", pairs.units}, {"values", rows}};
}

Json editsJson(const std::vector<Edit>& edits) {
    Json out = Json::array();
    for (const Edit& edit : edits) {
        out.push_back({{"from", edit.from},
                       {"to", edit.to},
                       {"start", edit.bytes.begin},
                       {"end", edit.bytes.end},
                       {"tokens", edit.tokens}});
    }
    return out;
}

// Undefined ones are null, with the reason beside them.
Json metricsJson(const std::map<std::string, Figure>& metrics) {
    Json out = Json::object();
    Json reasons = Json::object();
    for (const auto& [name, figure] : metrics) {
        out[name] = figureJson(figure);
        addReason(reasons, name.c_str(), figure);
    }
    if (!reasons.empty()) out["undefined"] = reasons;
    return out;
}

Json attentionJson(const AttentionMap& map) {
    Json rows = Json::array();
    for (std::size_t i = 0; i < map.values.size(); ++i) {
        if (i % static_cast<std::size_t>(map.size) == 0) rows.push_back(Json::array());
        rows.back().push_back(jsonNumber(static_cast<double>(map.values[i])));
    }
    return {
        {"layer", map.layer}, {"head", map.head < 0 ? Json() : Json(map.head)}, {"values", rows}};
}

Json fidelityJson(const Fidelity& f) {
    return {{"kl", jsonNumber(f.kl)},
            {"reverse_kl", jsonNumber(f.reverseKl)},
            {"js", jsonNumber(f.js)},
            {"top1_same", f.top1Same},
            {"flip", f.flip},
            {"probability_change", jsonNumber(f.probabilityChange)},
            {"reference_top",
             {{"id", f.referenceTop},
              {"text", f.referenceTopText},
              {"probability", jsonNumber(f.referenceProbability)}}},
            {"variant_top", {{"id", f.variantTop}, {"text", f.variantTopText}}}};
}

Json driftJson(const ExplanationDrift& drift) {
    const Repeatability& r = drift.repeatability;
    Json out = {{"method", drift.method},
                {"settings", drift.reference.settings},
                {"baseline", drift.reference.baseline},
                {"reference_scores", scoresJson(drift.reference.scores)},
                {"variant_scores", scoresJson(drift.variant.scores)},
                {"reference_virtual_tokens", scoresJson(drift.reference.virtualScores)},
                {"variant_virtual_tokens", scoresJson(drift.variant.virtualScores)},
                {"reference_gradient", gradientName(drift.reference.gradient)},
                {"variant_gradient", gradientName(drift.variant.gradient)},
                {"reference_gap", optionalJson(drift.reference.completenessGap)},
                {"variant_gap", optionalJson(drift.variant.completenessGap)},
                {"agreement", agreementJson(drift.agreement)},
                {"largest_difference", jsonNumber(drift.largestDifference)},
                {"yardsticks",
                 {{"repeatability",
                   {{"float64",
                     {{"largest_difference", jsonNumber(r.float64Difference)},
                      {"spearman", figureJson(r.float64.spearman)}}},
                    {"batch_shape",
                     {{"largest_difference", jsonNumber(r.batchShapeDifference)},
                      {"spearman", figureJson(r.batchShape.spearman)}}}}}}},
                {"verdict", drift.verdict}};
    for (const auto& [key, side] : {std::pair("reference_answer_tokens", &drift.reference),
                                    std::pair("variant_answer_tokens", &drift.variant)})
        if (!side->answerTokens.empty()) out[key] = answerTokensJson(side->answerTokens);
    // Scores that belong to parts of the network are nothing without their names.
    for (const Part& part : drift.reference.parts) out["parts"].push_back(part.name);
    if (drift.checks) out["checks"] = toJson(*drift.checks);
    return out;
}

Json variantJson(const VariantResult& variant) {
    Json explanations = Json::array();
    for (const ExplanationDrift& drift : variant.explanations)
        explanations.push_back(driftJson(drift));
    return {{"model", modelJson(variant.model)},
            {"fidelity", fidelityJson(variant.fidelity)},
            {"structure", toJson(variant.structure)},
            {"explanations", explanations},
            {"warnings", variant.warnings}};
}

}  // namespace

Json toJson(const Attribution& attribution, const TokenizedInput& input,
            const JsonOptions& options) {
    Json out = {{"method", attribution.method},
                {"settings", attribution.settings},
                {"baseline", attribution.baseline},
                {"tokens", tokensJson(attribution, input)},
                {"virtual_tokens", scoresJson(attribution.virtualScores)},
                {"target_value", jsonNumber(attribution.targetValue)},
                {"baseline_value", optionalJson(attribution.baselineValue)},
                {"completeness_gap", optionalJson(attribution.completenessGap)},
                {"standard_error", scoresJson(attribution.standardError)},
                {"evaluations", attribution.evaluations},
                {"seconds", attribution.seconds},
                {"gradient", gradientName(attribution.gradient)},
                {"warnings", attribution.warnings}};
    if (!attribution.parts.empty()) out["parts"] = partsJson(attribution);
    if (!attribution.figures.empty()) {
        Json& figures = out["figures"] = Json::object();
        for (const auto& [name, value] : attribution.figures) figures[name] = jsonNumber(value);
    }
    if (!attribution.answerTokens.empty())
        out["answer_tokens"] = answerTokensJson(attribution.answerTokens);
    if (attribution.interactions) out["interactions"] = interactionsJson(*attribution.interactions);
    if (!attribution.edits.empty()) out["edits"] = editsJson(attribution.edits);
    if (!attribution.metrics.empty()) out["metrics"] = metricsJson(attribution.metrics);
    if (!attribution.groupRule.empty()) {
        out["groups"] = groupsJson(attribution.groups);
        out["group_rule"] = attribution.groupRule;
    }
    if (options.withAttention && !attribution.attention.empty()) {
        Json& maps = out["attention"] = Json::array();
        for (const AttentionMap& map : attribution.attention) maps.push_back(attentionJson(map));
    }
    return out;
}

Json toJson(const Explanation& explanation, const JsonOptions& options) {
    Json results = Json::array();
    Json warnings = explanation.warnings;
    for (const Attribution& result : explanation.results) {
        results.push_back(toJson(result, explanation.input, options));
        for (const std::string& warning : result.warnings)
            warnings.push_back(result.method + ": " + warning);
    }
    Json leftOut = Json::array();
    for (const Explanation::LeftOut& each : explanation.leftOut)
        leftOut.push_back({{"method", each.method}, {"reason", each.reason}});
    return {{"schema", "driftlens/explain/1"},
            {"batch", explanation.batch},
            {"model", modelJson(explanation.model)},
            {"prompt", explanation.input.text},
            {"ids", explanation.input.ids()},
            {"target", targetJson(explanation.target, explanation.targetValue)},
            {"results", results},
            {"left_out", leftOut},
            {"warnings", warnings}};
}

Json toJson(const Comparison& comparison) {
    Json variants = Json::array();
    for (const VariantResult& variant : comparison.variants)
        variants.push_back(variantJson(variant));
    Json steps = Json::array();
    for (std::size_t i = 0; i < comparison.fromPrevious.size(); ++i) {
        steps.push_back(variantJson(comparison.fromPrevious[i]));
        steps.back().erase("structure");
        steps.back()["model"].erase("storage");
        steps.back()["from"] = comparison.variants[i].model.name();
        steps.back()["to"] = comparison.variants[i + 1].model.name();
    }
    Json tokens = Json::array();
    for (const Token& token : comparison.input.tokens) tokens.push_back(tokenJson(token));
    return {{"schema", "driftlens/compare/1"},
            {"batch", comparison.batch},
            {"reference", modelJson(comparison.reference)},
            {"prompt", comparison.input.text},
            {"ids", comparison.ids},
            {"tokens", tokens},
            {"target", targetJson(comparison.target, comparison.referenceTargetValue)},
            {"variants", variants},
            {"from_previous", steps},
            {"warnings", comparison.warnings},
            {"run", comparison.runId}};
}

}  // namespace driftlens
