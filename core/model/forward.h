// What goes into one forward pass and what comes out of it.
#pragma once

#include "core/capture/site.h"
#include "core/tensor.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace driftlens {

// Keys and values of the tokens that were already seen, per block. Made by forward, given back to
// forward for the tokens that follow; belongs to one sequence batch of one model.
struct KvCache {
    struct BlockEntry {
        at::Tensor keys;    // [batch, kv_heads, seen, head_dim], after rotary
        at::Tensor values;  // [batch, kv_heads, seen, head_dim]
    };
    std::vector<BlockEntry> blocks;
    at::Tensor mask;       // bool [batch, seen]
    at::Tensor positions;  // int64 [batch]: the next position of each row

    std::int64_t seen() const { return mask.defined() ? mask.size(1) : 0; }
};

// A batch. Either ids or embeddings; everything else may be left undefined.
struct ForwardInput {
    at::Tensor ids;         // int64 [batch, tokens]
    at::Tensor embeddings;  // [batch, tokens, hidden]: what the token table would have given
    at::Tensor mask;  // bool [batch, tokens], true where there is a token; left or right padding
    at::Tensor positions;   // int64 [batch, tokens]; default: causal models count masked-in tokens
                            // (0 at pads), encoders count columns
    at::Tensor tokenTypes;  // int64 [batch, tokens]; default 0
    KvCache* cache = nullptr;  // read and extended; causal models only

    // What stands in the place of the model's own virtual tokens (ModelWeights::virtualTokens):
    // [batch, count, width]; undefined: those themselves. The mask is bool [batch, count], false
    // where a virtual token is left out. All other columns are counted without virtual tokens.
    at::Tensor virtualTokens;
    at::Tensor virtualMask;

    std::int64_t batch() const { return ids.defined() ? ids.size(0) : embeddings.size(0); }
    std::int64_t tokens() const { return ids.defined() ? ids.size(1) : embeddings.size(1); }
};

// What is wanted. Only this is computed: the last block runs at the logit positions alone, but for
// keys and values, unless a site or hook needs it everywhere; behind the heads, if only they are
// watched.
struct ForwardRequest {
    // Column of the input per row whose logits are wanted, int64 [batch, positions]; undefined
    // means all of them. Virtual tokens have no logits. Ignored by classifiers, which read the
    // first token.
    at::Tensor logitPositions;
    std::set<SiteId> capture;
    at::ScalarType compute = at::kFloat;
    // Keep the autograd graph (with respect to input embeddings that require a gradient, to
    // captured sites, and to trainable weights).
    bool keepGraph = false;
    bool wantLogits = true;
};

// Observers and interventions of one call. A hook returns nothing to observe, a tensor of the same
// shape to replace. With a cache, hooks see the new tokens' rows only; keys are all of them.
using Hook = std::function<std::optional<at::Tensor>(const at::Tensor& value)>;
using Hooks = std::map<SiteId, Hook>;

struct ForwardCapture {
    at::Tensor logits;  // [batch, positions, vocabulary], or [batch, classes]
    // A prompt's columns come first at sites that have a row per token; a prefix is keys alone.
    std::map<SiteId, at::Tensor> sites;
};

}  // namespace driftlens
