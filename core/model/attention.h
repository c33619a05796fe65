// Scaled dot-product attention (Vaswani et al. 2017) with grouped key/value heads.
#pragma once

#include "core/tensor.h"

#include <functional>

namespace driftlens {

// Who may look at whom. `allowed` is bool [batch or 1, 1, queries, keys]; undefined: everybody, or
// with isCausal every earlier key, which the fused kernel knows without a mask.
struct AttentionMask {
    at::Tensor allowed;
    bool isCausal = false;
};

struct MaskRequest {
    bool isCausal = false;
    std::int64_t batch = 1;
    std::int64_t tokens = 0;  // new ones: the keys are seen + tokens
    std::int64_t seen = 0;
    at::Tensor keyMask;       // bool [batch, tokens], or undefined: no padding
    at::Tensor seenMask;      // bool [batch, seen], or undefined
    std::int64_t window = 0;  // keys that a query sees, its own included; 0: all of them
    at::Tensor queryColumns;  // int64 [batch, queries] among the new tokens; undefined: all of them
};

// A query that may see nothing (a padded row) sees its own key, so that no NaN arises.
AttentionMask makeAttentionMask(const MaskRequest& request);

// What is shown of the inside. The fused kernel runs unless `materialize` is set or scores are
// capped.
struct AttentionSites {
    bool materialize = false;
    std::function<at::Tensor(at::Tensor)> onScores;         // [batch, heads, queries, keys]
    std::function<at::Tensor(at::Tensor)> onProbabilities;  // [batch, heads, queries, keys]
};

struct ScoreScale {
    double factor = 1.0;
    double softcap = 0.0;  // c: a score s becomes c·tanh(s/c), before the mask; 0: none
};

// q [batch, heads, queries, head_dim]; k, v [batch, kv_heads, keys, head_dim] → [batch, heads,
// queries, head_dim].
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const ScoreScale& scale, const AttentionMask& mask,
                     const AttentionSites& sites);

// c·tanh(x/c), as Gemma 2 caps scores and logits; x where c is 0.
at::Tensor softcapped(const at::Tensor& x, double cap);

at::Tensor splitHeads(const at::Tensor& x, std::int64_t heads);  // [B, T, H·d] → [B, H, T, d]
at::Tensor mergeHeads(const at::Tensor& x);                      // [B, H, T, d] → [B, T, H·d]

}  // namespace driftlens
