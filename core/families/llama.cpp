// Llama 2 and 3 (Touvron et al. 2023): pre-RMSNorm, rotary, grouped key/value heads, SwiGLU; and
// the families that differ from it by a detail: Mistral (sliding window), Qwen2 (biases of q, k and
// v), Qwen3 (norms of q and k).
#include "core/base/error.h"
#include "core/families/family.h"

#include <algorithm>

namespace driftlens {
namespace {

// A text may grow to what the scaling was made for, even where max_position_embeddings is still
// the training's.
std::int64_t longestText(const RopeSpec& rope, std::int64_t declared) {
    if (rope.scaling != RopeScaling::Dynamic && rope.scaling != RopeScaling::Yarn) return declared;
    const double stretched = std::min(rope.originalContext * rope.factor, 1e7);
    return std::max(declared, static_cast<std::int64_t>(stretched));
}

}  // namespace

ModelSpec readLlamaConfig(const JsonObject& config) {
    ModelSpec spec;
    spec.family = "llama";
    spec.vocabularySize = config.integer("vocab_size", 1, kMaxConfigSize);
    spec.hiddenSize = config.integer("hidden_size", 1, kMaxConfigSize);
    spec.maxPositions = config.integer("max_position_embeddings", 1, kMaxConfigSize, 2048);
    spec.normKind = NormKind::RmsNorm;
    spec.normEpsilon = config.number("rms_norm_eps", 0.0, 1.0, 1e-6);
    spec.positionKind = PositionKind::Rotary;
    spec.attentionBias = config.boolean("attention_bias", false);
    spec.attentionOutputBias = spec.attentionBias;
    spec.mlpKind = MlpKind::Gated;
    spec.mlpBias = config.boolean("mlp_bias", false);
    spec.activation = parseActivation(config.string("hidden_act", "silu"), config.what());
    spec.tiedHead = config.boolean("tie_word_embeddings", false);

    BlockSpec block;
    block.heads = config.integer("num_attention_heads", 1, kMaxConfigSize);
    block.kvHeads = config.integer("num_key_value_heads", 1, kMaxConfigSize, block.heads);
    if (!config.has("head_dim") && spec.hiddenSize % block.heads != 0) {
        throw Error(ErrorKind::InputFile,
                    config.what() + ": num_attention_heads " + std::to_string(block.heads) +
                        " does not divide hidden_size " + std::to_string(spec.hiddenSize));
    }
    block.headDim = config.integer("head_dim", 1, kMaxConfigSize, spec.hiddenSize / block.heads);
    block.mlpSize = config.integer("intermediate_size", 1, kMaxConfigSize);
    spec.rope = readRope(config, block.headDim, {});
    spec.maxPositions = longestText(spec.rope, spec.maxPositions);
    spec.blocks = equalBlocks(config.integer("num_hidden_layers", 1, kMaxConfigLayers), block);
    readSpecialTokens(config, spec);
    return spec;
}

namespace {

// Qwen's layers slide from max_window_layers on, unless layer_types says which.
void readQwenWindows(const JsonObject& config, ModelSpec& spec) {
    if (!config.boolean("use_sliding_window", false)) return;
    const std::int64_t window = config.integer("sliding_window", 1, kMaxConfigSize, 4096);
    const std::int64_t first = config.integer("max_window_layers", 0, kMaxConfigLayers, 28);
    readWindows(config, spec, window, [first](std::int64_t layer) { return layer >= first; });
}

}  // namespace

ModelSpec readMistralConfig(const JsonObject& config) {
    ModelSpec spec = readLlamaConfig(config);
    spec.family = "mistral";
    spec.attentionBias = spec.attentionOutputBias = spec.mlpBias = false;
    const std::int64_t window = config.integer("sliding_window", 1, kMaxConfigSize, 0);
    readWindows(config, spec, window, [](std::int64_t) { return true; });
    return spec;
}

ModelSpec readQwen2Config(const JsonObject& config) {
    ModelSpec spec = readLlamaConfig(config);
    spec.family = "qwen2";
    spec.attentionBias = true;
    spec.attentionOutputBias = spec.mlpBias = false;
    readQwenWindows(config, spec);
    return spec;
}

ModelSpec readQwen3Config(const JsonObject& config) {
    ModelSpec spec = readLlamaConfig(config);
    spec.family = "qwen3";
    spec.hasQkNorm = true;
    readQwenWindows(config, spec);
    return spec;
}

ParameterSource llamaSource(const std::string& canonical, const ModelSpec&) {
    const auto [block, rest] = splitCanonical(canonical);
    if (rest == "embeddings.tokens") return {{"embed_tokens.weight"}};
    if (rest == "head.weight") return {{"lm_head.weight"}};
    if (rest == "final_norm.weight") return {{"norm.weight"}};
    const std::string prefix = "layers." + std::to_string(block) + ".";
    if (rest == "attn_norm.weight") return {{prefix + "input_layernorm.weight"}};
    if (rest == "mlp_norm.weight") return {{prefix + "post_attention_layernorm.weight"}};
    if (rest.starts_with("attn.out_proj")) return {{prefix + "self_attn.o_proj" + rest.substr(13)}};
    if (rest.starts_with("attn.")) return {{prefix + "self_attn." + rest.substr(5)}};
    if (rest.starts_with("mlp.")) return {{prefix + rest}};
    throw Error(ErrorKind::Internal, "llama: no source for " + canonical);
}

}  // namespace driftlens
