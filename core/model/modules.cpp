#include "core/model/modules.h"

#include "core/base/error.h"
#include "core/model/attention.h"

#include <string>

namespace driftlens {
namespace {

LinearPtr linearOrNull(const ModelWeights& weights, const std::string& name) {
    const auto found = weights.linears.find(name);
    return found == weights.linears.end() ? nullptr : found->second;
}

at::Tensor tensorOrUndefined(const ModelWeights& weights, const std::string& name) {
    const auto found = weights.tensors.find(name);
    return found == weights.tensors.end() ? at::Tensor() : found->second;
}

Norm resolveNorm(const ModelSpec& spec, const ModelWeights& weights, const std::string& name) {
    return {spec.normKind, spec.normEpsilon, tensorOrUndefined(weights, name + ".weight"),
            tensorOrUndefined(weights, name + ".bias"), spec.normAddsOne};
}

ExpertModules resolveMlp(const ModelWeights& weights, const std::string& prefix) {
    return {linearOrNull(weights, prefix + "gate_proj"), linearOrNull(weights, prefix + "up_proj"),
            linearOrNull(weights, prefix + "down_proj")};
}

BlockModules resolveBlock(const ModelSpec& spec, const ModelWeights& weights, std::size_t index) {
    const std::string prefix = "blocks." + std::to_string(index) + ".";
    BlockModules block;
    block.spec = spec.blocks[index];
    block.q = linearOrNull(weights, prefix + "attn.q_proj");
    block.k = linearOrNull(weights, prefix + "attn.k_proj");
    block.v = linearOrNull(weights, prefix + "attn.v_proj");
    block.out = linearOrNull(weights, prefix + "attn.out_proj");
    block.mlp = resolveMlp(weights, prefix + "mlp.");
    block.router = linearOrNull(weights, prefix + "mlp.router");
    for (std::int64_t e = 0; e < block.spec.experts; ++e) {
        block.experts.push_back(
            resolveMlp(weights, prefix + "mlp.experts." + std::to_string(e) + "."));
    }
    block.attentionNorm = resolveNorm(spec, weights, prefix + "attn_norm");
    block.mlpNorm = resolveNorm(spec, weights, prefix + "mlp_norm");
    block.attentionPostNorm = resolveNorm(spec, weights, prefix + "attn_post_norm");
    block.mlpPostNorm = resolveNorm(spec, weights, prefix + "mlp_post_norm");
    block.qNorm = resolveNorm(spec, weights, prefix + "attn.q_norm");
    block.kNorm = resolveNorm(spec, weights, prefix + "attn.k_norm");
    return block;
}

// As a Linear, which it is where the head is tied to it.
LinearPtr resolveTokenTable(const ModelWeights& weights, at::Tensor bias) {
    const at::Tensor table = tensorOrUndefined(weights, kTokenTable);
    if (table.defined()) return makeDenseLinear(table, std::move(bias));
    if (bias.defined()) {
        throw Error(ErrorKind::Unsupported,
                    "a head with a bias that is tied to a packed token table is not supported");
    }
    return linearOrNull(weights, kTokenTable);
}

}  // namespace

at::Tensor Norm::operator()(const at::Tensor& x) const {
    const at::ScalarType type = x.scalar_type();
    if (kind == NormKind::LayerNorm) {
        const at::Tensor b = bias.defined() ? bias.to(type) : bias;
        return at::layer_norm(x, {x.size(-1)}, weight.to(type), b, epsilon);
    }
    const at::ScalarType wide = type == at::kDouble ? at::kDouble : at::kFloat;
    const at::Tensor y = x.to(wide);
    const at::Tensor scale = at::rsqrt(y.square().mean(-1, /*keepdim=*/true) + epsilon);
    if (addsOne) return (y * scale * (weight.to(wide) + 1.0)).to(type);
    return (y * scale).to(type) * weight.to(type);
}

Modules resolveModules(const ModelSpec& spec, const ModelWeights& weights) {
    Modules modules;
    modules.tokenTable = resolveTokenTable(weights, at::Tensor());
    modules.positionTable = tensorOrUndefined(weights, "embeddings.positions");
    modules.typeTable = tensorOrUndefined(weights, "embeddings.types");
    modules.embeddingNorm = resolveNorm(spec, weights, "embeddings.norm");
    for (std::size_t i = 0; i < spec.blocks.size(); ++i) {
        modules.blocks.push_back(resolveBlock(spec, weights, i));
    }
    modules.finalNorm = resolveNorm(spec, weights, "final_norm");
    modules.pooler = linearOrNull(weights, "pooler");
    modules.projectIn = linearOrNull(weights, "embeddings.project_in");
    modules.projectOut = linearOrNull(weights, "project_out");
    modules.headTransform = linearOrNull(weights, "head_transform");
    modules.headNorm = resolveNorm(spec, weights, "head_norm");
    modules.head = linearOrNull(weights, "head");
    if (modules.head == nullptr && spec.task != Task::Encoder) {
        modules.head = resolveTokenTable(weights, tensorOrUndefined(weights, "tied_head.bias"));
    }
    return modules;
}

at::Tensor normedForHead(const Modules& modules, const at::Tensor& stream,
                         const RunContext& context) {
    const at::Tensor x = modules.finalNorm.exists() ? modules.finalNorm(stream) : stream;
    return modules.projectOut == nullptr ? x : modules.projectOut->forward(x, context);
}

at::Tensor headLogits(const ModelSpec& spec, const Modules& modules, const at::Tensor& normed,
                      const RunContext& context) {
    at::Tensor x = normed;
    if (modules.pooler != nullptr) {
        x = modules.pooler->forward(x, context);
        x = spec.pooler == PoolerKind::Tanh ? at::tanh(x) : at::relu(x);
    }
    if (modules.headTransform != nullptr) {
        x = applyActivation(spec.activation, modules.headTransform->forward(x, context));
        x = modules.headNorm(x);
    }
    return softcapped(modules.head->forward(x, context), spec.logitSoftcap);
}

at::Tensor applyActivation(Activation activation, const at::Tensor& x) {
    switch (activation) {
        case Activation::GeluErf:
            return at::gelu(x);
        case Activation::GeluTanh:
            return at::gelu(x, "tanh");
        case Activation::Silu:
            return at::silu(x);
        case Activation::Relu:
            return at::relu(x);
    }
    throw Error(ErrorKind::Internal, "activation is not in the list");
}

}  // namespace driftlens
