// OPT (Zhang et al. 2022). Its position table has two rows before the first position, the second of
// them for pads. The 350M model is post-norm and projects its embeddings, in and out.
#include "core/base/error.h"
#include "core/families/family.h"

namespace driftlens {

ModelSpec readOptConfig(const JsonObject& config) {
    ModelSpec spec;
    spec.family = "opt";
    spec.vocabularySize = config.integer("vocab_size", 1, kMaxConfigSize);
    spec.hiddenSize = config.integer("hidden_size", 1, kMaxConfigSize);
    const std::int64_t projected =
        config.integer("word_embed_proj_dim", 1, kMaxConfigSize, spec.hiddenSize);
    if (projected != spec.hiddenSize) spec.embeddingSize = projected;
    spec.maxPositions = config.integer("max_position_embeddings", 1, kMaxConfigSize);
    spec.firstPosition = 2;
    if (!config.boolean("layer_norm_elementwise_affine", true)) {
        throw Error(ErrorKind::Unsupported,
                    config.what() + ": layer_norm_elementwise_affine false is not supported");
    }
    const bool isPre = config.boolean("do_layer_norm_before", true);
    spec.normPlace = isPre ? NormPlace::Pre : NormPlace::Post;
    spec.hasFinalNorm = isPre && !config.boolean("_remove_final_layer_norm", false);
    spec.activation = parseActivation(config.string("activation_function", "relu"), config.what());
    spec.attentionBias = spec.attentionOutputBias = spec.mlpBias =
        config.boolean("enable_bias", true);
    spec.tiedHead = config.boolean("tie_word_embeddings", true);

    BlockSpec block = equalHeads(config, "num_attention_heads", "hidden_size", spec.hiddenSize);
    block.mlpSize = config.integer("ffn_dim", 1, kMaxConfigSize);
    spec.blocks = equalBlocks(config.integer("num_hidden_layers", 1, kMaxConfigLayers), block);
    readSpecialTokens(config, spec);
    return spec;
}

ParameterSource optSource(const std::string& canonical, const ModelSpec&) {
    struct Rename {
        std::string_view from, to;
    };
    constexpr Rename kModules[] = {{"attn_norm", "self_attn_layer_norm"},
                                   {"attn.q_proj", "self_attn.q_proj"},
                                   {"attn.k_proj", "self_attn.k_proj"},
                                   {"attn.v_proj", "self_attn.v_proj"},
                                   {"attn.out_proj", "self_attn.out_proj"},
                                   {"mlp_norm", "final_layer_norm"},
                                   {"mlp.up_proj", "fc1"},
                                   {"mlp.down_proj", "fc2"}};
    const auto [block, rest] = splitCanonical(canonical);
    if (rest == "embeddings.tokens") return {{"embed_tokens.weight"}};
    if (rest == "embeddings.positions") return {{"embed_positions.weight"}};
    if (rest == "head.weight") return {{"lm_head.weight"}};
    if (rest == "embeddings.project_in.weight") return {{"project_in.weight"}};
    if (rest == "project_out.weight") return {{"project_out.weight"}};
    const std::string kind = rest.substr(rest.rfind('.'));
    const std::string module = rest.substr(0, rest.rfind('.'));
    if (module == "final_norm") return {{"final_layer_norm" + kind}};
    for (const Rename& row : kModules) {
        if (row.from == module)
            return {{"layers." + std::to_string(block) + "." + std::string(row.to) + kind}};
    }
    throw Error(ErrorKind::Internal, "opt: no source for " + canonical);
}

}  // namespace driftlens
