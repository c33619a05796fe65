#include "core/model/experts.h"

#include "core/model/gated_product.h"

#include <ATen/ops/softmax.h>

namespace driftlens {

at::Tensor runMlp(const ExpertModules& mlp, Activation activation, const at::Tensor& x,
                  const TensorHook& onHidden, const RunContext& context) {
    at::Tensor hidden = mlp.up->forward(x, context);
    if (mlp.gate != nullptr) {
        hidden = gatedProduct(activation, mlp.gate->forward(x, context), hidden);
    } else {
        hidden = applyActivation(activation, hidden);
    }
    if (onHidden) hidden = onHidden(hidden);
    return mlp.down->forward(hidden, context);
}

at::Tensor runExperts(const BlockModules& block, Activation activation, const at::Tensor& x,
                      const TensorHook& onRouter, const RunContext& context) {
    const at::Tensor logits = onRouter(block.router->forward(x, context));
    const at::ScalarType wide = x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const at::Tensor shares = at::softmax(logits.to(wide), -1).flatten(0, 1);  // [B·T, experts]
    auto [weights, chosen] = shares.topk(block.spec.expertsPerToken, -1);
    weights = (weights / weights.sum(-1, /*keepdim=*/true)).to(x.scalar_type());

    const at::Tensor rows = x.flatten(0, 1);  // [B·T, hidden]
    at::Tensor out = at::zeros_like(rows);
    for (std::size_t e = 0; e < block.experts.size(); ++e) {
        const at::Tensor isChosen = chosen == static_cast<std::int64_t>(e);  // [B·T, k]
        const at::Tensor at = isChosen.any(-1).nonzero().squeeze(-1);        // tokens of the expert
        if (at.numel() == 0) continue;
        const at::Tensor weight =
            (weights * isChosen.to(weights.scalar_type())).sum(-1).index_select(0, at);
        const at::Tensor result =
            runMlp(block.experts[e], activation, rows.index_select(0, at), {}, context);
        out = out.index_add(0, at, result * weight.unsqueeze(-1));
    }
    return out.view_as(x);
}

}  // namespace driftlens
