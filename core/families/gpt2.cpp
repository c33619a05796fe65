// GPT-2 (Radford et al. 2019). Projections are stored [in, out]; q, k and v are one matrix.
#include "core/base/error.h"
#include "core/families/family.h"

namespace driftlens {

ModelSpec readGpt2Config(const JsonObject& config) {
    ModelSpec spec;
    spec.family = "gpt2";
    spec.vocabularySize = config.integer("vocab_size", 1, kMaxConfigSize);
    spec.hiddenSize = config.integer("n_embd", 1, kMaxConfigSize);
    spec.maxPositions = config.integer("n_positions", 1, kMaxConfigSize);
    spec.normEpsilon = config.number("layer_norm_epsilon", 0.0, 1.0, 1e-5);
    spec.activation =
        parseActivation(config.string("activation_function", "gelu_new"), config.what());
    spec.scaleByInverseLayer = config.boolean("scale_attn_by_inverse_layer_idx", false);
    if (!config.boolean("scale_attn_weights", true)) spec.attentionScale = 1.0;
    if (config.boolean("add_cross_attention", false)) {
        throw Error(ErrorKind::Unsupported,
                    config.what() + ": add_cross_attention true is not supported");
    }
    spec.tiedHead = config.boolean("tie_word_embeddings", true);

    BlockSpec block = equalHeads(config, "n_head", "n_embd", spec.hiddenSize);
    block.mlpSize = config.integer("n_inner", 1, kMaxConfigSize, 4 * spec.hiddenSize);
    spec.blocks = equalBlocks(config.integer("n_layer", 1, kMaxConfigLayers), block);
    readSpecialTokens(config, spec);
    return spec;
}

namespace {

// Fused c_attn holds q, k and v one after the other, each hidden rows.
ParameterSource fusedSource(const std::string& name, std::int64_t part, const ModelSpec& spec,
                            bool isWeight) {
    return {{name}, isWeight, part * spec.hiddenSize, spec.hiddenSize, 3 * spec.hiddenSize};
}

}  // namespace

ParameterSource gpt2Source(const std::string& canonical, const ModelSpec& spec) {
    const auto [block, rest] = splitCanonical(canonical);
    if (rest == "embeddings.tokens") return {{"wte.weight"}};
    if (rest == "embeddings.positions") return {{"wpe.weight"}};
    if (rest == "head.weight") return {{"lm_head.weight"}};
    const std::string kind = rest.substr(rest.rfind('.'));
    const std::string module = rest.substr(0, rest.rfind('.'));
    const bool isWeight = kind == ".weight";
    if (module == "final_norm") return {{"ln_f" + kind}};
    const std::string prefix = "h." + std::to_string(block) + ".";
    if (module == "attn_norm") return {{prefix + "ln_1" + kind}};
    if (module == "mlp_norm") return {{prefix + "ln_2" + kind}};
    if (module == "attn.q_proj")
        return fusedSource(prefix + "attn.c_attn" + kind, 0, spec, isWeight);
    if (module == "attn.k_proj")
        return fusedSource(prefix + "attn.c_attn" + kind, 1, spec, isWeight);
    if (module == "attn.v_proj")
        return fusedSource(prefix + "attn.c_attn" + kind, 2, spec, isWeight);
    if (module == "attn.out_proj") return {{prefix + "attn.c_proj" + kind}, isWeight};
    if (module == "mlp.up_proj") return {{prefix + "mlp.c_fc" + kind}, isWeight};
    if (module == "mlp.down_proj") return {{prefix + "mlp.c_proj" + kind}, isWeight};
    throw Error(ErrorKind::Internal, "gpt2: no source for " + canonical);
}

}  // namespace driftlens
