#include "core/model/attention.h"

#include <ATen/ops/softmax.h>

#include <limits>

namespace driftlens {
namespace {

// Each key/value head serves heads / kv_heads query heads.
at::Tensor repeatHeads(const at::Tensor& x, std::int64_t heads) {
    const std::int64_t kvHeads = x.size(1);
    if (kvHeads == heads) return x;
    return x.unsqueeze(2)
        .expand({x.size(0), kvHeads, heads / kvHeads, x.size(2), x.size(3)})
        .reshape({x.size(0), heads, x.size(2), x.size(3)});
}

}  // namespace

AttentionMask makeAttentionMask(const MaskRequest& request) {
    const bool hasPads = request.keyMask.defined() || request.seenMask.defined();
    const bool allQueries = !request.queryColumns.defined();
    const std::int64_t keys = request.seen + request.tokens;
    const bool hasWindow = request.window > 0 && request.window < keys;
    if (!hasPads && !request.isCausal) return {};
    if (!hasPads && !hasWindow && allQueries && request.seen == 0) return {{}, true};
    if (!hasPads && !hasWindow && allQueries && request.tokens == 1) return {};

    const at::Tensor keyColumns = at::arange(keys, at::kLong).view({1, 1, keys});
    const at::Tensor columns =
        allQueries ? at::arange(request.tokens, at::kLong).unsqueeze(0) : request.queryColumns;
    const at::Tensor queryColumns = (columns + request.seen).unsqueeze(-1);  // [B or 1, Q, 1]
    at::Tensor allowed =
        request.isCausal ? keyColumns <= queryColumns : at::ones_like(keyColumns <= queryColumns);
    if (hasWindow) allowed = at::logical_and(allowed, keyColumns > queryColumns - request.window);
    if (hasPads) {
        const auto orOnes = [&](const at::Tensor& mask, std::int64_t length) {
            return mask.defined() ? mask.to(at::kBool)
                                  : at::ones({request.batch, length}, at::kBool);
        };
        at::Tensor visible = orOnes(request.keyMask, request.tokens);
        if (request.seen > 0) {
            visible = at::cat({orOnes(request.seenMask, request.seen), visible}, 1);
        }
        allowed = at::logical_and(allowed, visible.unsqueeze(1));
        allowed = at::logical_or(allowed, keyColumns == queryColumns);
    }
    return {allowed.unsqueeze(1), false};
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const ScoreScale& scale, const AttentionMask& mask,
                     const AttentionSites& sites) {
    const at::Tensor keys = repeatHeads(k, q.size(1));
    const at::Tensor values = repeatHeads(v, q.size(1));
    if (!sites.materialize && scale.softcap == 0.0) {
        const std::optional<at::Tensor> allowed =
            mask.allowed.defined() ? std::optional(mask.allowed) : std::nullopt;
        return at::scaled_dot_product_attention(q, keys, values, allowed, 0.0, mask.isCausal,
                                                scale.factor);
    }
    at::Tensor scores =
        softcapped(at::matmul(q, keys.transpose(-1, -2)) * scale.factor, scale.softcap);
    at::Tensor allowed = mask.allowed;
    if (mask.isCausal) allowed = at::ones({q.size(2), keys.size(2)}, at::kBool).tril();
    if (allowed.defined()) {
        scores =
            scores.masked_fill(allowed.logical_not(), -std::numeric_limits<double>::infinity());
    }
    if (sites.onScores) scores = sites.onScores(scores);
    at::Tensor probabilities = at::softmax(scores, -1);
    if (sites.onProbabilities) probabilities = sites.onProbabilities(probabilities);
    return at::matmul(probabilities, values);
}

at::Tensor softcapped(const at::Tensor& x, double cap) {
    return cap == 0.0 ? x : at::tanh(x / cap) * cap;
}

at::Tensor splitHeads(const at::Tensor& x, std::int64_t heads) {
    return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

at::Tensor mergeHeads(const at::Tensor& x) {
    return x.transpose(1, 2).reshape({x.size(0), x.size(2), x.size(1) * x.size(3)});
}

}  // namespace driftlens
