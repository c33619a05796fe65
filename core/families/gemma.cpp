// Gemma (Gemma Team 2024): Llama with norms of 1 + weight and scaled embeddings. Gemma 2 adds norms
// of what attention and MLP give, capped scores and logits, and windows in every other layer; Gemma
// 3 norms of q and k and another rotary base in the layers with a window, without the caps.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/families/family.h"

#include <cmath>

namespace driftlens {

namespace {

// What all three share.
ModelSpec readScaledConfig(const JsonObject& config) {
    ModelSpec spec = readLlamaConfig(config);
    spec.normAddsOne = true;
    spec.embeddingScale = std::sqrt(static_cast<double>(spec.hiddenSize));
    spec.tiedHead = config.boolean("tie_word_embeddings", true);
    return spec;
}

// What Gemma 2 and 3 share.
ModelSpec readSandwichConfig(const JsonObject& config) {
    if (config.boolean("use_bidirectional_attention", false)) {
        throw Error(ErrorKind::Unsupported,
                    config.what() + ": use_bidirectional_attention true is not supported");
    }
    ModelSpec spec = readScaledConfig(config);
    spec.activation =
        parseActivation(config.string("hidden_activation", "gelu_pytorch_tanh"), config.what());
    spec.normPlace = NormPlace::Both;
    const double scalar = config.number("query_pre_attn_scalar", 1e-6, 1e9, 256.0);
    spec.attentionScale = 1.0 / std::sqrt(scalar);
    spec.attentionSoftcap = config.number("attn_logit_softcapping", 0.0, 1e9, 0.0);
    spec.logitSoftcap = config.number("final_logit_softcapping", 0.0, 1e9, 0.0);
    return spec;
}

}  // namespace

// Gemma 1 means the tanh approximation where its files say "gelu".
ModelSpec readGemmaConfig(const JsonObject& config) {
    ModelSpec spec = readScaledConfig(config);
    spec.family = "gemma";
    const std::string activation = config.string("hidden_act", "gelu_pytorch_tanh");
    spec.activation =
        activation == "gelu" ? Activation::GeluTanh : parseActivation(activation, config.what());
    return spec;
}

ModelSpec readGemma2Config(const JsonObject& config) {
    ModelSpec spec = readSandwichConfig(config);
    spec.family = "gemma2";
    // An absent cap means the published models', null means none.
    if (!config.value().contains("attn_logit_softcapping")) spec.attentionSoftcap = 50.0;
    if (!config.value().contains("final_logit_softcapping")) spec.logitSoftcap = 30.0;
    readWindows(config, spec, config.integer("sliding_window", 1, kMaxConfigSize, 4096),
                [](std::int64_t layer) { return layer % 2 == 0; });
    return spec;
}

ModelSpec readGemma3TextConfig(const JsonObject& config) {
    ModelSpec spec = readSandwichConfig(config);
    spec.family = "gemma3_text";
    spec.hasQkNorm = true;
    const std::int64_t headDim = spec.blocks.front().headDim;
    spec.rope = readRope(config, headDim, {.theta = 1e6, .layerType = "full_attention"});
    spec.windowRope = readRope(config, headDim,
                               {.theta = 1e4,
                                .thetaKey = "rope_local_base_freq",
                                .layerType = "sliding_attention",
                                .readsScaling = false});
    const std::int64_t pattern =
        config.integer("sliding_window_pattern", 1, kMaxConfigLayers,
                       config.integer("_sliding_window_pattern", 1, kMaxConfigLayers, 6));
    readWindows(config, spec, config.integer("sliding_window", 1, kMaxConfigSize, 4096),
                [pattern](std::int64_t layer) { return (layer + 1) % pattern != 0; });
    return spec;
}

ModelSpec readGemma3Config(const JsonObject& config) {
    const JsonObject text = config.object("text_config");
    ModelSpec spec = readGemma3TextConfig(text);
    spec.family = "gemma3";
    return spec;
}

ParameterSource gemma2Source(const std::string& canonical, const ModelSpec& spec) {
    const auto [index, rest] = splitCanonical(canonical);
    const std::string prefix = "layers." + std::to_string(index) + ".";
    if (rest == "attn_post_norm.weight") return {{prefix + "post_attention_layernorm.weight"}};
    if (rest == "mlp_norm.weight") return {{prefix + "pre_feedforward_layernorm.weight"}};
    if (rest == "mlp_post_norm.weight") return {{prefix + "post_feedforward_layernorm.weight"}};
    return llamaSource(canonical, spec);
}

}  // namespace driftlens
