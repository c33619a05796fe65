// Phi-1, 1.5 and 2 (Gunasekar et al. 2023): attention and MLP side by side behind one LayerNorm,
// part of each head rotated. Phi-3 (Abdin et al. 2024): Llama with fused projections.
#include "core/base/error.h"
#include "core/families/family.h"

namespace driftlens {
namespace {

constexpr std::string_view kShareKey = "partial_rotary_factor";

}  // namespace

ModelSpec readPhiConfig(const JsonObject& config) {
    ModelSpec spec;
    spec.family = "phi";
    spec.vocabularySize = config.integer("vocab_size", 1, kMaxConfigSize);
    spec.hiddenSize = config.integer("hidden_size", 1, kMaxConfigSize);
    spec.maxPositions = config.integer("max_position_embeddings", 1, kMaxConfigSize, 2048);
    spec.blockOrder = BlockOrder::ParallelOneNorm;
    spec.normEpsilon = config.number("layer_norm_eps", 0.0, 1.0, 1e-5);
    spec.positionKind = PositionKind::Rotary;
    spec.hasQkNorm = config.boolean("qk_layernorm", false);
    spec.activation = parseActivation(config.string("hidden_act", "gelu_new"), config.what());
    spec.headBias = true;
    spec.tiedHead = config.boolean("tie_word_embeddings", false);

    BlockSpec block = equalHeads(config, "num_attention_heads", "hidden_size", spec.hiddenSize);
    block.kvHeads = config.integer("num_key_value_heads", 1, kMaxConfigSize, block.heads);
    block.mlpSize = config.integer("intermediate_size", 1, kMaxConfigSize);
    spec.rope = readRope(config, block.headDim, {.rotaryShare = 0.5, .shareKey = kShareKey});
    spec.blocks = equalBlocks(config.integer("num_hidden_layers", 1, kMaxConfigLayers), block);
    readSpecialTokens(config, spec);
    return spec;
}

ParameterSource phiSource(const std::string& canonical, const ModelSpec&) {
    struct Rename {
        std::string_view from, to;
    };
    constexpr Rename kModules[] = {{"attn_norm", "input_layernorm"},
                                   {"attn.q_proj", "self_attn.q_proj"},
                                   {"attn.k_proj", "self_attn.k_proj"},
                                   {"attn.v_proj", "self_attn.v_proj"},
                                   {"attn.out_proj", "self_attn.dense"},
                                   {"attn.q_norm", "self_attn.q_layernorm"},
                                   {"attn.k_norm", "self_attn.k_layernorm"},
                                   {"mlp.up_proj", "mlp.fc1"},
                                   {"mlp.down_proj", "mlp.fc2"}};
    const auto [block, rest] = splitCanonical(canonical);
    if (rest == "embeddings.tokens") return {{"embed_tokens.weight"}};
    const std::string kind = rest.substr(rest.rfind('.'));
    const std::string module = rest.substr(0, rest.rfind('.'));
    if (module == "head" || module == "tied_head") return {{"lm_head" + kind}};
    if (module == "final_norm") return {{"final_layernorm" + kind}};
    for (const Rename& row : kModules) {
        if (row.from == module)
            return {{"layers." + std::to_string(block) + "." + std::string(row.to) + kind}};
    }
    throw Error(ErrorKind::Internal, "phi: no source for " + canonical);
}

ModelSpec readPhi3Config(const JsonObject& config) {
    ModelSpec spec = readLlamaConfig(config);
    spec.family = "phi3";
    spec.rope = readRope(config, spec.blocks.front().headDim, {.shareKey = kShareKey});
    readWindows(config, spec, config.integer("sliding_window", 1, kMaxConfigSize, 0),
                [](std::int64_t) { return true; });
    return spec;
}

// qkv_proj holds q, k and v, gate_up_proj the gate and then what it gates.
ParameterSource phi3Source(const std::string& canonical, const ModelSpec& spec) {
    const auto [index, rest] = splitCanonical(canonical);
    if (index < 0) return llamaSource(canonical, spec);
    const BlockSpec& block = spec.blocks[static_cast<std::size_t>(index)];
    const std::string prefix = "layers." + std::to_string(index) + ".";
    const std::int64_t q = block.heads * block.headDim;
    const std::int64_t kv = block.kvHeads * block.headDim;
    const std::string qkv = prefix + "self_attn.qkv_proj.weight";
    const std::string gateUp = prefix + "mlp.gate_up_proj.weight";
    const std::int64_t mlp = block.mlpSize;
    if (rest == "attn.q_proj.weight") return {{qkv}, false, 0, q, q + 2 * kv};
    if (rest == "attn.k_proj.weight") return {{qkv}, false, q, kv, q + 2 * kv};
    if (rest == "attn.v_proj.weight") return {{qkv}, false, q + kv, kv, q + 2 * kv};
    if (rest == "mlp.gate_proj.weight") return {{gateUp}, false, 0, mlp, 2 * mlp};
    if (rest == "mlp.up_proj.weight") return {{gateUp}, false, mlp, mlp, 2 * mlp};
    return llamaSource(canonical, spec);
}

}  // namespace driftlens
