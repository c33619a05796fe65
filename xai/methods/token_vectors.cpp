#include "xai/methods/token_vectors.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/model.h"

#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

// A path whose end values differ by less than this share of the gap is not integrated well.
constexpr double kLargestRelativeGap = 0.05;

// Below this share of the norms a signed sum is rounding: a LayerNorm right behind the embeddings
// removes the mean of every gradient.
constexpr double kVanishingSum = 1e-4;

Place::Reduction reductionOf(const std::string& name) {
    if (name == "l2") return Place::Reduction::L2;
    return name == "l1" ? Place::Reduction::L1 : Place::Reduction::Sum;
}

double largest(const std::vector<double>& values) {
    double out = 0.0;
    for (const double value : values) out = std::max(out, std::abs(value));
    return out;
}

void normalise(const std::vector<std::vector<double>*>& lists) {
    double total = 0.0;
    for (const std::vector<double>* scores : lists)
        for (const double score : *scores) total += std::abs(score);
    if (total == 0.0) return;
    for (std::vector<double>* scores : lists)
        for (double& score : *scores) score /= total;
}

// The first norm divides by the embedding's own length, which is 0 at the baseline.
bool isIllConditionedAtZero(const ModelSpec& spec) {
    return spec.normKind == NormKind::RmsNorm && spec.positionKind == PositionKind::Rotary;
}

bool isWholeName(std::string_view name) {
    if (name.starts_with("blocks.")) return true;
    for (const SiteKindInfo& kind : siteKinds())
        if (!kind.isInBlock && kind.name == name) return true;
    return false;
}

}  // namespace

Scorer columnScorerOf(const MethodInput& in, const ParameterSet& settings,
                      const RunContext& context) {
    Scorer out = scorerOf(in, context);
    if (settings.text("answer_tokens") == "yes") out.addAnswerTokens();
    return out;
}

std::vector<double> setVectorScores(Attribution& out, const Place& place, const at::Tensor& parts,
                                    const ParameterSet& settings) {
    const Place::Reduction reduction = reductionOf(settings.text("reduce"));
    const bool isShare = settings.text("normalise") == "yes";
    const at::Tensor whole = parts.narrow(0, 0, 1);
    const Place::Columns columns = place.columnsOf(whole, reduction);
    out.scores = columns.tokens;
    out.virtualScores = columns.virtualTokens;
    out.norms = place.columnsOf(whole, Place::Reduction::L2).tokens;
    if (reduction == Place::Reduction::Sum) {
        const double norm = largest(out.norms);
        if (norm > 0.0 && largest(out.scores) < kVanishingSum * norm) {
            out.warnings.push_back(
                "the signed sums vanish beside the vectors' norms (a LayerNorm removes the mean of "
                "a gradient): use reduce=l2");
        }
        if (columns.rest != 0.0) {
            out.warnings.push_back("the continuation's own tokens carry " +
                                   formatNumber(columns.rest, 4) + " at this site");
        }
    }
    if (isShare) normalise({&out.scores, &out.virtualScores});
    for (std::int64_t column = 1; column < parts.size(0); ++column) {
        Place::Columns own = place.columnsOf(parts.narrow(0, column, 1), reduction);
        if (isShare) normalise({&own.tokens, &own.virtualTokens});
        out.answerTokens.emplace_back().scores = std::move(own.tokens);
    }
    std::vector<double> totals;
    for (std::int64_t column = 0; column < parts.size(0); ++column)
        totals.push_back(parts[column].sum().item<double>());
    return totals;
}

void setCompleteness(Attribution& out, const std::vector<double>& totals,
                     const std::vector<double>& startValues, const std::vector<double>& endValues) {
    out.targetValue = endValues.front();
    out.baselineValue = startValues.front();
    std::size_t unconverged = 0;
    for (std::size_t column = 0; column < totals.size(); ++column) {
        const double change = endValues[column] - startValues[column];
        const double gap = totals[column] - change;
        const bool isWide = !(std::abs(gap) <= kLargestRelativeGap * std::abs(change));
        if (column > 0) {
            out.answerTokens[column - 1].completenessGap = gap;
            unconverged += isWide ? 1 : 0;
            continue;
        }
        out.completenessGap = gap;
        if (!isWide) continue;
        out.hasConverged = false;
        out.warnings.push_back(
            "the completeness gap is more than 5 % of the change that is explained; use more "
            "nodes, a tolerance, or another baseline");
    }
    if (unconverged > 0) {
        out.warnings.push_back("the completeness gap of " + std::to_string(unconverged) + " of " +
                               std::to_string(totals.size() - 1) +
                               " answer tokens is more than 5 % of their change; use more nodes or "
                               "another baseline");
    }
}

void finish(Attribution& out, const MethodInput& in, const Scorer& scorer,
            const std::vector<double>& values) {
    out.targetValue = values.front();
    for (std::size_t i = 0; i < out.answerTokens.size(); ++i) {
        AnswerTokenScores& token = out.answerTokens[i];
        token.id = in.target.continuation[i];
        token.text = answerText(in.model, in.tokenizer, token.id);
        token.value = values[i + 1];
    }
    out.evaluations = scorer.evaluations();
    // One per evaluation unless each token of an answer has its own.
    if (!out.answerTokens.empty() && scorer.backwardPasses() > 0)
        out.figures["backward_passes"] = static_cast<double>(scorer.backwardPasses());
    if (scorer.backwardPasses() > 0) labelGradient(out, in.model);
}

void labelGradient(Attribution& out, const Model& model) {
    out.gradient = gradientKindOf(model);
    if (out.gradient == GradientKind::StraightThrough)
        out.warnings.push_back(std::string(kStraightThroughWarning));
}

at::Tensor baselineVector(const Model& model, std::string_view name, at::ScalarType type) {
    const Linear& table = model.tokenTable();
    if (name == "zero") return at::zeros({table.info().inFeatures}, type);
    return table.dense(type).mean(0) * model.spec().embeddingScale;
}

Baseline makeBaseline(const MethodInput& in, std::string_view name, bool keepsSpecial,
                      const Scorer& scorer, const EmbeddedInput& x) {
    Baseline out;
    at::Tensor row;  // [hidden]
    if (name == "zero") {
        row = baselineVector(in.model, name, x.tokens.scalar_type());
        out.said = "zero embedding";
        if (isIllConditionedAtZero(in.model.spec())) {
            out.warnings.push_back(
                "a zero baseline is ill-conditioned behind RMSNorm, whose gain at it is "
                "1/√epsilon: "
                "use baseline=pad, mask, mean or token:ID");
        }
    } else if (name == "mean") {
        row = baselineVector(in.model, name, x.tokens.scalar_type());
        out.said = "mean embedding of the vocabulary";
    } else {
        const Replacement token =
            replacementToken(in.tokenizer, name, in.model.spec().vocabularySize);
        row = scorer.embed(at::full({1, 1}, token.id, at::kLong)).tokens[0][0];
        out.said = token.said;
    }
    std::vector<at::Tensor> rows;
    for (std::size_t i = 0; i < in.input.tokens.size(); ++i) {
        const bool keep = keepsSpecial && in.input.tokens[i].isSpecial;
        rows.push_back(keep ? x.tokens[0][static_cast<std::int64_t>(i)] : row);
    }
    out.input.tokens = at::stack(rows).unsqueeze(0);
    if (x.virtualTokens.defined()) {
        out.input.virtualTokens = at::zeros_like(x.virtualTokens);
        if (name != "zero") out.said += "; zero for virtual tokens";
    }
    return out;
}

SiteId siteOf(const ParameterSet& settings, const Model& model) {
    const auto blocks = static_cast<std::int64_t>(model.spec().blocks.size());
    const std::string& name = settings.text("site");
    if (isWholeName(name)) return parseSite(name, blocks);
    std::int64_t layer = settings.integer("layer");
    if (layer < 0) layer += blocks;
    if (layer < 0 || layer >= blocks) {
        throw Error(ErrorKind::Usage, "layer " + settings.text("layer") +
                                          " does not exist; the model has 0 to " +
                                          std::to_string(blocks - 1));
    }
    return parseSite("blocks." + std::to_string(layer) + "." + name, blocks);
}

std::vector<std::int64_t> readColumns(const MethodInput& in) {
    if (in.model.spec().task == Task::Classification) return {0};
    const VirtualTokens& own = in.model.weights().virtualTokens;
    const std::int64_t before = own.kind == VirtualKind::Prompt ? own.count() : 0;
    const std::int64_t first =
        before + static_cast<std::int64_t>(in.input.tokens.size()) + in.target.position;
    std::vector<std::int64_t> out = {first};
    for (std::size_t i = 1; i < in.target.continuation.size(); ++i)
        out.push_back(first + static_cast<std::int64_t>(i));
    return out;
}

at::Tensor idsOf(const TokenizedInput& input) {
    return at::tensor(input.ids(), at::kLong).unsqueeze(0);
}

}  // namespace driftlens
