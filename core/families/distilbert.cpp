// DistilBERT (Sanh et al. 2019) with a classification or a masked-LM head: BERT without token
// types, whose pooler is pre_classifier with ReLU.
#include "core/base/error.h"
#include "core/families/family.h"

namespace driftlens {

ModelSpec readDistilbertConfig(const JsonObject& config) {
    ModelSpec spec;
    spec.family = "distilbert";
    spec.isCausal = false;
    spec.vocabularySize = config.integer("vocab_size", 1, kMaxConfigSize);
    spec.hiddenSize = config.integer("dim", 1, kMaxConfigSize);
    spec.maxPositions = config.integer("max_position_embeddings", 1, kMaxConfigSize);
    spec.normPlace = NormPlace::Post;
    spec.normEpsilon = 1e-12;
    spec.hasEmbeddingNorm = true;
    spec.hasFinalNorm = false;
    spec.activation = parseActivation(config.string("activation", "gelu"), config.what());
    spec.headBias = true;
    if (isArchitecture(config, "ForMaskedLM")) {
        spec.task = Task::MaskedLm;
        spec.hasHeadTransform = true;
        spec.tiedHead = config.boolean("tie_word_embeddings", true);
    } else {
        spec.task = Task::Classification;
        spec.pooler = PoolerKind::Relu;
        readClassLabels(config, spec);
    }

    BlockSpec block = equalHeads(config, "n_heads", "dim", spec.hiddenSize);
    block.mlpSize = config.integer("hidden_dim", 1, kMaxConfigSize);
    spec.blocks = equalBlocks(config.integer("n_layers", 1, kMaxConfigLayers), block);
    readSpecialTokens(config, spec);
    return spec;
}

namespace {

struct Rename {
    std::string_view from, to;
};

constexpr Rename kBlockModules[] = {
    {"attn.q_proj", "attention.q_lin"}, {"attn.k_proj", "attention.k_lin"},
    {"attn.v_proj", "attention.v_lin"}, {"attn.out_proj", "attention.out_lin"},
    {"attn_norm", "sa_layer_norm"},     {"mlp.up_proj", "ffn.lin1"},
    {"mlp.down_proj", "ffn.lin2"},      {"mlp_norm", "output_layer_norm"}};

constexpr Rename kOuterModules[] = {{"embeddings.norm", "embeddings.LayerNorm"},
                                    {"pooler", "pre_classifier"}};
constexpr Rename kMaskedLmHead[] = {{"head_transform", "vocab_transform"},
                                    {"head_norm", "vocab_layer_norm"},
                                    {"head", "vocab_projector"},
                                    {"tied_head", "vocab_projector"}};

}  // namespace

ParameterSource distilbertSource(const std::string& canonical, const ModelSpec& spec) {
    const auto [block, rest] = splitCanonical(canonical);
    if (rest == "embeddings.tokens") return {{"embeddings.word_embeddings.weight"}};
    if (rest == "embeddings.positions") return {{"embeddings.position_embeddings.weight"}};
    const std::string kind = rest.substr(rest.rfind('.'));
    const std::string module = rest.substr(0, rest.rfind('.'));
    for (const Rename& row : kOuterModules) {
        if (row.from == module) return {{std::string(row.to) + kind}};
    }
    for (const Rename& row : kMaskedLmHead) {
        if (spec.task == Task::MaskedLm && row.from == module)
            return {{std::string(row.to) + kind}};
    }
    if (module == "head") return {{"classifier" + kind}};
    const std::string prefix = "transformer.layer." + std::to_string(block) + ".";
    for (const Rename& row : kBlockModules) {
        if (row.from == module) return {{prefix + std::string(row.to) + kind}};
    }
    throw Error(ErrorKind::Internal, "distilbert: no source for " + canonical);
}

}  // namespace driftlens
