// Llama 2 and 3 (Touvron et al. 2023): pre-RMSNorm, rotary, grouped key/value heads, SwiGLU; and
// the families that differ from it by a detail: Mistral (sliding window), Qwen2 (biases of q, k and
// v), Qwen3 (norms of q and k), Phi-3 (fused projections, part of each head rotated), Gemma (norms
// of 1 + weight, scaled embeddings).
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/families/family.h"

#include <cmath>

namespace driftlens {
namespace {

constexpr double kLargest = 1e12;

// Old configs have rope_theta and rope_scaling, transformers 5 has rope_parameters with both.
RopeSpec readRope(const JsonObject& config, std::int64_t headDim) {
    RopeSpec rope;
    rope.dimensions = headDim;
    rope.theta = config.number("rope_theta", 0.0, kLargest, 10000.0);
    const std::string_view key = config.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
    if (!config.has(key)) return rope;
    const JsonObject scaling = config.object(key);
    rope.theta = scaling.number("rope_theta", 0.0, kLargest, rope.theta);
    const std::string kind = scaling.string("rope_type", scaling.string("type", "default"));
    if (kind == "default") return rope;
    rope.factor = scaling.number("factor", 1.0, kLargest);
    if (kind == "linear") {
        rope.scaling = RopeSpec::Scaling::Linear;
    } else if (kind == "llama3") {
        rope.scaling = RopeSpec::Scaling::Llama3;
        rope.lowFrequencyFactor = scaling.number("low_freq_factor", 1e-6, kLargest);
        rope.highFrequencyFactor = scaling.number("high_freq_factor", 1e-6, kLargest);
        rope.originalContext = scaling.number("original_max_position_embeddings", 1.0, kLargest);
        if (rope.highFrequencyFactor <= rope.lowFrequencyFactor) {
            throw Error(ErrorKind::InputFile,
                        scaling.what() + ": high_freq_factor must exceed low_freq_factor");
        }
    } else {
        throw Error(ErrorKind::Unsupported, scaling.what() + ": rope_type " + inQuotes(kind) +
                                                " is not supported; supported: default, linear, "
                                                "llama3");
    }
    return rope;
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
    spec.rope = readRope(config, block.headDim);
    spec.blocks = equalBlocks(config.integer("num_hidden_layers", 1, kMaxConfigLayers), block);
    readSpecialTokens(config, spec);
    return spec;
}

namespace {

// Qwen's layers: "layer_types" says which slide; before it, those from max_window_layers on did.
void readQwenWindows(const JsonObject& config, ModelSpec& spec) {
    if (!config.boolean("use_sliding_window", false)) return;
    const std::int64_t window = config.integer("sliding_window", 1, kMaxConfigSize, 4096);
    const std::int64_t first = config.integer("max_window_layers", 0, kMaxConfigLayers, 28);
    const Json* types = config.find("layer_types");
    const bool isListed =
        types != nullptr && types->is_array() && types->size() == spec.blocks.size();
    for (std::size_t i = 0; i < spec.blocks.size(); ++i) {
        const bool slides =
            isListed ? (*types)[i] == "sliding_attention" : static_cast<std::int64_t>(i) >= first;
        if (slides) spec.blocks[i].window = window;
    }
}

}  // namespace

ModelSpec readMistralConfig(const JsonObject& config) {
    ModelSpec spec = readLlamaConfig(config);
    spec.family = "mistral";
    spec.attentionBias = spec.attentionOutputBias = spec.mlpBias = false;
    const std::int64_t window = config.integer("sliding_window", 1, kMaxConfigSize, 0);
    for (BlockSpec& block : spec.blocks) block.window = window;
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

ModelSpec readPhi3Config(const JsonObject& config) {
    ModelSpec spec = readLlamaConfig(config);
    spec.family = "phi3";
    const std::int64_t window = config.integer("sliding_window", 1, kMaxConfigSize, 0);
    for (BlockSpec& block : spec.blocks) block.window = window;
    const double share = config.number("partial_rotary_factor", 0.0, 1.0, 1.0);
    spec.rope.dimensions =
        static_cast<std::int64_t>(share * static_cast<double>(spec.blocks.front().headDim));
    return spec;
}

// Gemma 1 reads hidden_act and means the tanh approximation by "gelu"; hidden_activation is meant
// as it is written.
ModelSpec readGemmaConfig(const JsonObject& config) {
    ModelSpec spec = readLlamaConfig(config);
    spec.family = "gemma";
    spec.activation = config.has("hidden_activation")
                          ? parseActivation(config.string("hidden_activation"), config.what())
                          : Activation::GeluTanh;
    spec.normAddsOne = true;
    spec.embeddingScale = std::sqrt(static_cast<double>(spec.hiddenSize));
    spec.tiedHead = config.boolean("tie_word_embeddings", true);
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
