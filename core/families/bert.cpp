// BERT (Devlin et al. 2019) with a classification head. Post-norm: resid_mid is the stream after
// attention.output.LayerNorm, resid_out after output.LayerNorm.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/families/family.h"

namespace driftlens {

ModelSpec readBertConfig(const JsonObject& config) {
    const std::string positions = config.string("position_embedding_type", "absolute");
    if (positions != "absolute") {
        throw Error(ErrorKind::Unsupported, config.what() + ": position_embedding_type " +
                                                inQuotes(positions) + " is not supported");
    }
    if (config.boolean("is_decoder", false)) {
        throw Error(ErrorKind::Unsupported, config.what() + ": is_decoder true is not supported");
    }
    ModelSpec spec;
    spec.family = "bert";
    spec.task = Task::Classification;
    spec.isCausal = false;
    spec.vocabularySize = config.integer("vocab_size", 1, kMaxConfigSize);
    spec.hiddenSize = config.integer("hidden_size", 1, kMaxConfigSize);
    spec.maxPositions = config.integer("max_position_embeddings", 1, kMaxConfigSize);
    spec.tokenTypes = config.integer("type_vocab_size", 1, kMaxConfigSize, 2);
    spec.normPlace = NormPlace::Post;
    spec.normEpsilon = config.number("layer_norm_eps", 0.0, 1.0, 1e-12);
    spec.hasEmbeddingNorm = true;
    spec.hasFinalNorm = false;
    spec.activation = parseActivation(config.string("hidden_act", "gelu"), config.what());
    spec.pooler = PoolerKind::Tanh;
    spec.headBias = true;

    BlockSpec block = equalHeads(config, "num_attention_heads", "hidden_size", spec.hiddenSize);
    block.mlpSize = config.integer("intermediate_size", 1, kMaxConfigSize);
    spec.blocks = equalBlocks(config.integer("num_hidden_layers", 1, kMaxConfigLayers), block);
    readClassLabels(config, spec);
    readSpecialTokens(config, spec);
    return spec;
}

namespace {

// Old checkpoints call LayerNorm's parameters gamma and beta.
ParameterSource normSource(const std::string& module, const std::string& kind) {
    return {{module + "." + kind, module + (kind == "weight" ? ".gamma" : ".beta")}};
}

struct Rename {
    std::string_view from, to;
};

constexpr Rename kBlockModules[] = {
    {"attn.q_proj", "attention.self.query"},     {"attn.k_proj", "attention.self.key"},
    {"attn.v_proj", "attention.self.value"},     {"attn.out_proj", "attention.output.dense"},
    {"attn_norm", "attention.output.LayerNorm"}, {"mlp.up_proj", "intermediate.dense"},
    {"mlp.down_proj", "output.dense"},           {"mlp_norm", "output.LayerNorm"}};

constexpr Rename kOuterNames[] = {{"embeddings.tokens", "embeddings.word_embeddings.weight"},
                                  {"embeddings.positions", "embeddings.position_embeddings.weight"},
                                  {"embeddings.types", "embeddings.token_type_embeddings.weight"},
                                  {"pooler.weight", "pooler.dense.weight"},
                                  {"pooler.bias", "pooler.dense.bias"},
                                  {"head.weight", "classifier.weight"},
                                  {"head.bias", "classifier.bias"}};

}  // namespace

// RoBERTa (Liu et al. 2019): positions start behind the pad's row; the head has its own dense
// layer.
ModelSpec readRobertaConfig(const JsonObject& config) {
    ModelSpec spec = readBertConfig(config);
    spec.family = "roberta";
    spec.firstPosition = config.integer("pad_token_id", 0, kMaxConfigSize, 1) + 1;
    spec.maxPositions -= spec.firstPosition;
    return spec;
}

ParameterSource robertaSource(const std::string& canonical, const ModelSpec& spec) {
    if (canonical.starts_with("pooler.")) return {{"classifier.dense." + canonical.substr(7)}};
    if (canonical.starts_with("head.")) return {{"classifier.out_proj." + canonical.substr(5)}};
    return bertSource(canonical, spec);
}

ParameterSource bertSource(const std::string& canonical, const ModelSpec&) {
    const auto [block, rest] = splitCanonical(canonical);
    const std::string kind = rest.substr(rest.rfind('.') + 1);
    const std::string module = rest.substr(0, rest.rfind('.'));
    if (rest.starts_with("embeddings.norm.")) return normSource("embeddings.LayerNorm", kind);
    for (const Rename& row : kOuterNames) {
        if (row.from == rest) return {{std::string(row.to)}};
    }
    const std::string prefix = "encoder.layer." + std::to_string(block) + ".";
    for (const Rename& row : kBlockModules) {
        if (row.from == module) return normSource(prefix + std::string(row.to), kind);
    }
    throw Error(ErrorKind::Internal, "bert: no source for " + canonical);
}

}  // namespace driftlens
