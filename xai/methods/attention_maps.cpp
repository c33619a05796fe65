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

double visitAttention(Scorer& scorer, const MethodInput& in,
                      const std::function<void(std::int64_t, const at::Tensor&)>& use) {
    Hooks hooks;
    const auto layers = static_cast<std::int64_t>(in.model.spec().blocks.size());
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        hooks[{SiteKind::AttentionProbabilities, layer}] = [&use, layer](const at::Tensor& maps) {
            use(layer, squared(maps));
            return std::optional<at::Tensor>();
        };
    }
    return scorer.valuesOf(scorer.embed(idsOf(in.input)), false, hooks).item<double>();
}

AttentionGradients attentionGradients(Scorer& scorer, const MethodInput& in) {
    AttentionGradients out;
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
    const at::Tensor value = scorer.valuesOf(text, true, hooks);
    out.targetValue = value.detach().item<double>();
    const std::vector<at::Tensor> found = gradients(value.sum(), leaves, scorer.context());
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        out.probabilities.push_back(squared(leaves[i].detach()));
        out.gradients.push_back(squared(found[i]));
    }
    return out;
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

AttentionMap mapOf(const at::Tensor& square, std::int64_t layer, std::int64_t head) {
    const at::Tensor flat = square.to(at::kFloat).contiguous();
    const auto* data = flat.const_data_ptr<float>();
    return {layer, head, flat.size(1), std::vector<float>(data, data + flat.numel())};
}

}  // namespace driftlens
