// GPT-NeoX and Pythia (Black et al. 2022): attention and MLP side by side, each behind its own
// LayerNorm; q, k and v are one matrix that holds them head by head.
#include "core/base/error.h"
#include "core/families/family.h"

namespace driftlens {

ModelSpec readGptNeoxConfig(const JsonObject& config) {
    ModelSpec spec;
    spec.family = "gpt_neox";
    spec.vocabularySize = config.integer("vocab_size", 1, kMaxConfigSize);
    spec.hiddenSize = config.integer("hidden_size", 1, kMaxConfigSize);
    spec.maxPositions = config.integer("max_position_embeddings", 1, kMaxConfigSize, 2048);
    const bool isParallel = config.boolean("use_parallel_residual", true);
    spec.blockOrder = isParallel ? BlockOrder::Parallel : BlockOrder::Sequential;
    spec.normEpsilon = config.number("layer_norm_eps", 0.0, 1.0, 1e-5);
    spec.positionKind = PositionKind::Rotary;
    spec.attentionBias = spec.attentionOutputBias = config.boolean("attention_bias", true);
    spec.activation = parseActivation(config.string("hidden_act", "gelu"), config.what());
    spec.tiedHead = config.boolean("tie_word_embeddings", false);

    BlockSpec block = equalHeads(config, "num_attention_heads", "hidden_size", spec.hiddenSize);
    block.mlpSize = config.integer("intermediate_size", 1, kMaxConfigSize);
    spec.rope =
        readRope(config, block.headDim,
                 {.thetaKey = "rotary_emb_base", .rotaryShare = 0.25, .shareKey = "rotary_pct"});
    spec.blocks = equalBlocks(config.integer("num_hidden_layers", 1, kMaxConfigLayers), block);
    readSpecialTokens(config, spec);
    return spec;
}

ParameterSource gptNeoxSource(const std::string& canonical, const ModelSpec& spec) {
    struct Rename {
        std::string_view from, to;
    };
    constexpr Rename kModules[] = {{"attn_norm", "input_layernorm"},
                                   {"mlp_norm", "post_attention_layernorm"},
                                   {"attn.out_proj", "attention.dense"},
                                   {"mlp.up_proj", "mlp.dense_h_to_4h"},
                                   {"mlp.down_proj", "mlp.dense_4h_to_h"}};
    constexpr std::string_view kFused[] = {"attn.q_proj", "attn.k_proj", "attn.v_proj"};
    const auto [index, rest] = splitCanonical(canonical);
    if (rest == "embeddings.tokens") return {{"embed_in.weight"}};
    if (rest == "head.weight") return {{"embed_out.weight", "lm_head.weight"}};
    const std::string kind = rest.substr(rest.rfind('.'));
    const std::string module = rest.substr(0, rest.rfind('.'));
    if (module == "final_norm") return {{"final_layer_norm" + kind}};
    const std::string prefix = "layers." + std::to_string(index) + ".";
    for (std::int64_t part = 0; part < 3; ++part) {
        if (kFused[part] != module) continue;
        const BlockSpec& block = spec.blocks[static_cast<std::size_t>(index)];
        ParameterSource source;
        source.names = {prefix + "attention.query_key_value" + kind};
        source.firstRow = part * block.headDim;
        source.rows = block.headDim;
        source.fusedRows = 3 * block.headDim;
        source.groups = block.heads;
        return source;
    }
    for (const Rename& row : kModules) {
        if (row.from == module) return {{prefix + std::string(row.to) + kind}};
    }
    throw Error(ErrorKind::Internal, "gpt_neox: no source for " + canonical);
}

}  // namespace driftlens
