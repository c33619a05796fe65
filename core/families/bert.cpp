// BERT (Devlin et al. 2019) with a classification or a masked-LM head. Post-norm: resid_mid is the
// stream after attention.output.LayerNorm, resid_out after output.LayerNorm.
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
    spec.headBias = true;
    if (isArchitecture(config, "ForMaskedLM") || isArchitecture(config, "ForPreTraining")) {
        spec.task = Task::MaskedLm;
        spec.hasHeadTransform = true;
        spec.tiedHead = config.boolean("tie_word_embeddings", true);
    } else {
        spec.pooler = PoolerKind::Tanh;
        readClassLabels(config, spec);
    }

    BlockSpec block = equalHeads(config, "num_attention_heads", "hidden_size", spec.hiddenSize);
    block.mlpSize = config.integer("intermediate_size", 1, kMaxConfigSize);
    spec.blocks = equalBlocks(config.integer("num_hidden_layers", 1, kMaxConfigLayers), block);
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
                                  {"pooler.bias", "pooler.dense.bias"}};

// A masked-LM head. A tied one has the bias beside the decoder, an untied one the decoder's own.
constexpr Rename kBertLmHead[] = {
    {"head.weight", "cls.predictions.decoder.weight"},
    {"head.bias", "cls.predictions.decoder.bias"},
    {"tied_head.bias", "cls.predictions.bias"},
    {"head_transform.weight", "cls.predictions.transform.dense.weight"},
    {"head_transform.bias", "cls.predictions.transform.dense.bias"}};
constexpr Rename kRobertaLmHead[] = {{"head.weight", "lm_head.decoder.weight"},
                                     {"head.bias", "lm_head.decoder.bias"},
                                     {"tied_head.bias", "lm_head.bias"},
                                     {"head_transform.weight", "lm_head.dense.weight"},
                                     {"head_transform.bias", "lm_head.dense.bias"},
                                     {"head_norm.weight", "lm_head.layer_norm.weight"},
                                     {"head_norm.bias", "lm_head.layer_norm.bias"}};

template <typename Table>
std::optional<std::string> renamed(const Table& table, std::string_view name) {
    for (const Rename& row : table) {
        if (row.from == name) return std::string(row.to);
    }
    return std::nullopt;
}

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
    if (spec.task == Task::MaskedLm) {
        if (const auto name = renamed(kRobertaLmHead, canonical)) return {{*name}};
    }
    if (canonical.starts_with("pooler.")) return {{"classifier.dense." + canonical.substr(7)}};
    if (canonical.starts_with("head.")) return {{"classifier.out_proj." + canonical.substr(5)}};
    return bertSource(canonical, spec);
}

ParameterSource bertSource(const std::string& canonical, const ModelSpec& spec) {
    const auto [block, rest] = splitCanonical(canonical);
    const std::string kind = rest.substr(rest.rfind('.') + 1);
    const std::string module = rest.substr(0, rest.rfind('.'));
    if (rest.starts_with("embeddings.norm.")) return normSource("embeddings.LayerNorm", kind);
    if (const auto name = renamed(kOuterNames, rest)) return {{*name}};
    if (spec.task == Task::MaskedLm) {
        if (module == "head_norm") return normSource("cls.predictions.transform.LayerNorm", kind);
        if (const auto name = renamed(kBertLmHead, rest)) return {{*name}};
    }
    if (module == "head") return {{"classifier." + kind}};
    const std::string prefix = "encoder.layer." + std::to_string(block) + ".";
    if (const auto name = renamed(kBlockModules, module)) return normSource(prefix + *name, kind);
    throw Error(ErrorKind::Internal, "bert: no source for " + canonical);
}

}  // namespace driftlens
