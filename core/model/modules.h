// A model's weights resolved by role: what the forward pass walks over.
#pragma once

#include "core/model/model.h"

#include <vector>

namespace driftlens {

// LayerNorm (Ba et al. 2016) or RMSNorm (Zhang and Sennrich 2019, computed in at least float32).
struct Norm {
    NormKind kind = NormKind::LayerNorm;
    double epsilon = 1e-5;
    at::Tensor weight;     // [hidden]
    at::Tensor bias;       // [hidden], or undefined
    bool addsOne = false;  // multiplies by 1 + weight

    bool exists() const { return weight.defined(); }
    at::Tensor operator()(const at::Tensor& x) const;  // [..., hidden] → same
};

struct ExpertModules {
    LinearPtr gate, up, down;  // gate is null unless the MLP is gated
};

struct BlockModules {
    BlockSpec spec;
    LinearPtr q, k, v, out;
    ExpertModules mlp;  // where there are no experts
    LinearPtr router;   // [experts, hidden], or null
    std::vector<ExpertModules> experts;
    Norm attentionNorm, mlpNorm;
    Norm attentionPostNorm, mlpPostNorm;  // NormPlace::Both; may not exist
    Norm qNorm, kNorm;                    // over each head's dimensions; may not exist
};

struct Modules {
    LinearPtr tokenTable;      // [vocabulary, embedding]
    at::Tensor positionTable;  // [positions, hidden], or undefined
    at::Tensor typeTable;      // [types, hidden], or undefined
    Norm embeddingNorm;
    LinearPtr projectIn, projectOut;  // where the table has other columns than hidden, or null
    std::vector<BlockModules> blocks;
    Norm finalNorm;
    LinearPtr pooler;         // or null
    LinearPtr headTransform;  // or null
    Norm headNorm;
    LinearPtr head;  // null in an encoder without a head
};

// Looks everything up by canonical name; the weights were checked before.
Modules resolveModules(const ModelSpec& spec, const ModelWeights& weights);

// The end of the network, for rows [..., hidden] of the residual stream behind any block: the final
// norm and projection (what site final_norm shows), and from there the answer's logits.
at::Tensor normedForHead(const Modules& modules, const at::Tensor& stream,
                         const RunContext& context);
at::Tensor headLogits(const ModelSpec& spec, const Modules& modules, const at::Tensor& normed,
                      const RunContext& context);

at::Tensor applyActivation(Activation activation, const at::Tensor& x);

}  // namespace driftlens
