// Gradient-weighted attention rollout (Chefer et al. 2021, arXiv 2103.15679, equations 5 and 6 for
// self-attention): R = I; per block R ← R + mean over heads of max(0, A ⊙ ∂F/∂A) · R.
#include "core/model/model.h"
#include "xai/methods/attention_maps.h"
#include "xai/methods/methods.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 2> kTable = {{
    {"self", ParameterKind::Choice, "keep", 0, 0, "keep|drop",
     "drop: without the weight of 1 that the read position starts with"},
    kAnswerTokensParameter,
}};

}  // namespace

const std::span<const ParameterInfo> kAttentionGradientParameters = kTable;

Attribution explainByAttentionGradient(const MethodInput& in, const ParameterSet& settings,
                                       const RunContext& context) {
    Scorer scorer = columnScorerOf(in, settings, context);
    const AttentionColumns columns = attentionColumns(in);
    const at::Tensor rows = at::tensor(columns.readRows, at::kLong);
    const at::Tensor identity = at::eye(columns.all(), at::kDouble);
    Attribution out;
    out.baseline = "none";
    const auto add = [&](std::size_t column, const AttentionGradients& pass) {
        at::Tensor relevance = identity;
        for (std::size_t layer = 0; layer < pass.gradients.size(); ++layer) {
            const at::Tensor weighted = (pass.probabilities[layer] * pass.gradients[layer])
                                            .to(at::kDouble)
                                            .clamp_min(0.0)
                                            .mean(0);
            relevance = relevance + at::matmul(weighted, relevance);
            if (column == 0)
                out.attention.push_back(mapOf(weighted, static_cast<std::int64_t>(layer), -1));
        }
        if (settings.text("self") == "drop") relevance = relevance - identity;
        if (column == 0)
            setColumnScores(out, columns, relevance.index_select(0, rows).mean(0));
        else
            addAnswerTokenScores(out, columns, relevance[columns.readRows[column - 1]]);
    };
    finish(out, in, scorer, visitAttentionGradients(scorer, in, add));
    return out;
}

}  // namespace driftlens
