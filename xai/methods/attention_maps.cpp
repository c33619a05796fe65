#include "xai/methods/attention_maps.h"

#include "core/capture/gradient.h"
#include "core/model/model.h"
#include "xai/methods/token_vectors.h"

namespace driftlens {
namespace {

// [batch 1, heads, queries, keys] → [heads, keys, keys].
at::Tensor squared(const at::Tensor& maps) {
    const at::Tensor one = maps[0];
    if (one.size(1) == one.size(2)) return one;
    return at::constant_pad_nd(one, {0, 0, one.size(2) - one.size(1), 0});
}

}  // namespace

AttentionColumns attentionColumns(const MethodInput& in) {
    AttentionColumns out;
    out.virtualTokens = in.model.weights().virtualTokens.count();
    out.tokens = static_cast<std::int64_t>(in.input.tokens.size());
    const auto continuation = static_cast<std::int64_t>(in.target.continuation.size());
    out.forced = std::max<std::int64_t>(0, continuation - 1);
    // A prefix has columns here, which sites do not have.
    const bool isPrefix = in.model.weights().virtualTokens.kind == VirtualKind::Prefix;
    for (const std::int64_t column : readColumns(in))
        out.readRows.push_back(isPrefix ? column + out.virtualTokens : column);
    return out;
}

std::vector<double> visitAttention(
    Scorer& scorer, const MethodInput& in,
    const std::function<void(std::int64_t, const at::Tensor&)>& use) {
    Hooks hooks;
    const auto layers = static_cast<std::int64_t>(in.model.spec().blocks.size());
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        hooks[{SiteKind::AttentionProbabilities, layer}] = [&use, layer](const at::Tensor& maps) {
            use(layer, squared(maps));
            return std::optional<at::Tensor>();
        };
    }
    return doublesOf(at::stack(scorer.columnsOf(scorer.embed(idsOf(in.input)), false, hooks), 1));
}

std::vector<double> visitAttentionGradients(
    Scorer& scorer, const MethodInput& in,
    const std::function<void(std::size_t column, const AttentionGradients&)>& use) {
    std::vector<at::Tensor> leaves;
    Hooks hooks;
    const auto layers = static_cast<std::int64_t>(in.model.spec().blocks.size());
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        hooks[{SiteKind::AttentionProbabilities, layer}] = [&leaves](const at::Tensor& maps) {
            leaves.push_back(maps);
            return std::optional<at::Tensor>();
        };
    }
    const c10::AutoGradMode grad(true);
    EmbeddedInput text = scorer.embed(idsOf(in.input));
    text.tokens = text.tokens.detach().requires_grad_(true);
    const std::vector<at::Tensor> values = scorer.columnsOf(text, true, hooks);
    std::vector<at::Tensor> scalars;
    for (const at::Tensor& value : values) scalars.push_back(value.sum());
    gradientsOfEach(scalars, leaves, scorer.context(),
                    [&](std::size_t column, const std::vector<at::Tensor>& found) {
                        const c10::AutoGradMode noGrad(false);
                        AttentionGradients pass;
                        for (std::size_t i = 0; i < leaves.size(); ++i) {
                            pass.probabilities.push_back(squared(leaves[i].detach()));
                            pass.gradients.push_back(squared(found[i]));
                        }
                        use(column, pass);
                    });
    scorer.countBackwardPasses(static_cast<std::int64_t>(values.size()));
    return doublesOf(at::stack(values, 1).detach());
}

at::Tensor withResidual(const at::Tensor& map) {
    const at::Tensor sum = map.to(at::kDouble) + at::eye(map.size(0), at::kDouble);
    return sum / sum.sum(1, /*keepdim=*/true);
}

void setColumnScores(Attribution& out, const AttentionColumns& columns, const at::Tensor& values) {
    const at::Tensor flat = values.to(at::kDouble).contiguous();
    const auto* data = flat.const_data_ptr<double>();
    out.virtualScores.assign(data, data + columns.virtualTokens);
    data += columns.virtualTokens;
    out.scores.assign(data, data + columns.tokens);
}

void setReadScores(Attribution& out, const AttentionColumns& columns, const at::Tensor& rows) {
    setColumnScores(out, columns, rows.mean(0));
    if (rows.size(0) == 1) return;
    for (std::int64_t i = 0; i < rows.size(0); ++i) addAnswerTokenScores(out, columns, rows[i]);
}

void addAnswerTokenScores(Attribution& out, const AttentionColumns& columns,
                          const at::Tensor& values) {
    out.answerTokens.emplace_back().scores =
        doublesOf(values.narrow(0, columns.virtualTokens, columns.tokens));
}

AttentionMap mapOf(const at::Tensor& square, std::int64_t layer, std::int64_t head) {
    const at::Tensor flat = square.to(at::kFloat).contiguous();
    const auto* data = flat.const_data_ptr<float>();
    return {layer, head, flat.size(1), std::vector<float>(data, data + flat.numel())};
}

}  // namespace driftlens
