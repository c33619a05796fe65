// The family whose config.json is the spec itself: any pre-norm, post-norm or per-layer-sized
// transformer without code. Parameters carry their canonical names, or those that "names" gives:
//
//   "names": {"blocks.N.attn_norm.weight": "transformer.h.N.ln_1.weight",   one parameter
//             "blocks.N.mlp.up_proj":      "transformer.h.N.mlp.c_fc",      a module's weight and
//             bias "blocks.N.attn.q_proj":      "transformer.h.N.attn.c_attn[qkv]"}
//
// N is the block's index; [qkv] is a fused projection with the rows of q, then k, then v.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/families/family.h"

#include <array>
#include <cctype>

namespace driftlens {
namespace {

template <typename Value>
struct Choice {
    std::string_view name;
    Value value;
};

template <typename Value, std::size_t kCount>
Value choose(const JsonObject& config, std::string_view key, std::string_view fallback,
             const std::array<Choice<Value>, kCount>& choices) {
    const std::string name = config.string(key, fallback);
    std::string known;
    for (const auto& choice : choices) {
        if (choice.name == name) return choice.value;
        known += (known.empty() ? "" : ", ") + std::string(choice.name);
    }
    throw Error(ErrorKind::Unsupported, config.what() + ": " + std::string(key) + " " +
                                            inQuotes(name) + " is none of " + known);
}

BlockSpec readBlock(const JsonObject& config, const BlockSpec& fallback) {
    BlockSpec block;
    block.heads = config.integer("heads", 1, kMaxConfigSize, fallback.heads);
    block.kvHeads = config.integer("kv_heads", 1, kMaxConfigSize,
                                   fallback.kvHeads > 0 ? fallback.kvHeads : block.heads);
    block.headDim = config.integer("head_dim", 1, kMaxConfigSize, fallback.headDim);
    block.mlpSize = config.integer("mlp_size", 1, kMaxConfigSize, fallback.mlpSize);
    block.window = config.integer("window", 0, kMaxConfigSize, fallback.window);
    block.experts = config.integer("experts", 0, kMaxConfigSize, fallback.experts);
    block.expertsPerToken =
        config.integer("experts_per_token", 0, kMaxConfigSize, fallback.expertsPerToken);
    return block;
}

// "layers": a number (all equal, sizes at the top level) or a list of objects with sizes.
std::vector<BlockSpec> readBlocks(const JsonObject& config) {
    const Json* layers = config.find("layers");
    BlockSpec shared;
    shared.heads = config.integer("heads", 0, kMaxConfigSize, 0);
    shared.kvHeads = config.integer("kv_heads", 0, kMaxConfigSize, 0);
    shared.headDim = config.integer("head_dim", 0, kMaxConfigSize, 0);
    shared.mlpSize = config.integer("mlp_size", 0, kMaxConfigSize, 0);
    shared.window = config.integer("window", 0, kMaxConfigSize, 0);
    shared.experts = config.integer("experts", 0, kMaxConfigSize, 0);
    shared.expertsPerToken = config.integer("experts_per_token", 0, kMaxConfigSize, 0);
    if (shared.kvHeads == 0) shared.kvHeads = shared.heads;
    if (layers == nullptr || !layers->is_array()) {
        return equalBlocks(config.integer("layers", 1, kMaxConfigLayers), shared);
    }
    std::vector<BlockSpec> blocks;
    for (const Json& layer : *layers) {
        const std::string what = config.what() + ": layers[" + std::to_string(blocks.size()) + "]";
        blocks.push_back(readBlock(JsonObject(layer, what), shared));
    }
    return blocks;
}

// rope_theta and rope_scaling as the field's configurations write them.
RopeSpec readRotary(const JsonObject& config, const std::vector<BlockSpec>& blocks) {
    const std::int64_t headDim = blocks.empty() ? 0 : blocks.front().headDim;
    RopeSpec rope = readRope(config, headDim, {});
    rope.dimensions = config.integer("rotary_size", 0, kMaxConfigSize, headDim);
    return rope;
}

std::map<std::string, std::string> readNames(const JsonObject& config) {
    std::map<std::string, std::string> out;
    if (!config.has("names")) return out;
    const JsonObject names = config.object("names");
    for (const auto& [canonical, value] : names.value().items())
        out[canonical] = names.string(canonical);
    return out;
}

// "blocks.3.attn.q_proj" → "blocks.N.attn.q_proj", and back.
std::string asPattern(const std::string& canonical) {
    const auto [block, rest] = splitCanonical(canonical);
    return block < 0 ? canonical : "blocks.N." + rest;
}

std::string filledIn(const std::string& pattern, std::int64_t block) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const auto isNameByte = [&](std::size_t at) {
            return at < pattern.size() &&
                   std::isalnum(static_cast<unsigned char>(pattern[at])) != 0;
        };
        const bool isIndex =
            pattern[i] == 'N' && !isNameByte(i + 1) && (i == 0 || !isNameByte(i - 1));
        out += isIndex ? std::to_string(block) : std::string(1, pattern[i]);
    }
    return out;
}

// Rows of q, k and v in a fused projection of a block.
ParameterSource fusedSource(const std::string& name, const std::string& module,
                            const BlockSpec& block) {
    const std::int64_t q = block.heads * block.headDim;
    const std::int64_t kv = block.kvHeads * block.headDim;
    if (module.ends_with("q_proj")) return {{name}, false, 0, q, q + 2 * kv};
    if (module.ends_with("k_proj")) return {{name}, false, q, kv, q + 2 * kv};
    return {{name}, false, q + kv, kv, q + 2 * kv};
}

}  // namespace

ModelSpec readDriftlensConfig(const JsonObject& config) {
    ModelSpec spec;
    spec.family = "driftlens";
    spec.task = choose<Task, 3>(config, "task", "causal_lm",
                                {{{"causal_lm", Task::CausalLm},
                                  {"classification", Task::Classification},
                                  {"masked_lm", Task::MaskedLm}}});
    spec.isCausal = config.boolean("causal", spec.task == Task::CausalLm);
    spec.vocabularySize = config.integer("vocab_size", 1, kMaxConfigSize);
    spec.hiddenSize = config.integer("hidden_size", 1, kMaxConfigSize);
    spec.maxPositions = config.integer("max_positions", 1, kMaxConfigSize);
    spec.tokenTypes = config.integer("token_types", 0, kMaxConfigSize, 0);
    spec.normKind = choose<NormKind, 2>(
        config, "norm", "layer_norm",
        {{{"layer_norm", NormKind::LayerNorm}, {"rms_norm", NormKind::RmsNorm}}});
    spec.normPlace = choose<NormPlace, 3>(
        config, "norm_place", "pre",
        {{{"pre", NormPlace::Pre}, {"post", NormPlace::Post}, {"both", NormPlace::Both}}});
    spec.blockOrder = choose<BlockOrder, 3>(config, "block_order", "sequential",
                                            {{{"sequential", BlockOrder::Sequential},
                                              {"parallel", BlockOrder::Parallel},
                                              {"parallel_one_norm", BlockOrder::ParallelOneNorm}}});
    spec.normAddsOne = config.boolean("norm_adds_one", false);
    spec.embeddingScale = config.number("embedding_scale", 1e-6, 1e6, 1.0);
    spec.embeddingSize = config.integer("embedding_size", 0, kMaxConfigSize, 0);
    spec.firstPosition = config.integer("first_position", 0, kMaxConfigSize, 0);
    spec.normEpsilon = config.number("norm_epsilon", 0.0, 1.0, 1e-5);
    spec.hasEmbeddingNorm = config.boolean("embedding_norm", false);
    spec.hasFinalNorm = config.boolean("final_norm", true);
    spec.positionKind = choose<PositionKind, 2>(
        config, "positions", "learned",
        {{{"learned", PositionKind::Learned}, {"rotary", PositionKind::Rotary}}});
    spec.attentionBias = config.boolean("attention_bias", true);
    spec.attentionOutputBias = config.boolean("attention_output_bias", spec.attentionBias);
    spec.hasQkNorm = config.boolean("qk_norm", false);
    spec.attentionSoftcap = config.number("attention_softcap", 0.0, 1e6, 0.0);
    spec.logitSoftcap = config.number("logit_softcap", 0.0, 1e6, 0.0);
    spec.attentionScale = config.number("attention_scale", 0.0, 1e6, 0.0);
    spec.mlpKind = choose<MlpKind, 2>(config, "mlp", "plain",
                                      {{{"plain", MlpKind::Plain}, {"gated", MlpKind::Gated}}});
    spec.mlpBias = config.boolean("mlp_bias", true);
    spec.activation = parseActivation(config.string("activation", "gelu"), config.what());
    spec.pooler = choose<PoolerKind, 3>(
        config, "pooler", "none",
        {{{"none", PoolerKind::None}, {"tanh", PoolerKind::Tanh}, {"relu", PoolerKind::Relu}}});
    spec.headBias = config.boolean("head_bias", spec.task == Task::Classification);
    spec.tiedHead = config.boolean("tied_head", false);
    spec.hasHeadTransform = config.boolean("head_transform", false);
    spec.blocks = readBlocks(config);
    spec.rope = readRotary(config, spec.blocks);
    if (spec.task == Task::Classification) readClassLabels(config, spec);
    spec.tensorNames = readNames(config);
    readSpecialTokens(config, spec);
    return spec;
}

ParameterSource driftlensSource(const std::string& canonical, const ModelSpec& spec) {
    constexpr std::string_view kFused = "[qkv]";
    const std::size_t dot = canonical.rfind('.');
    const std::string module = canonical.substr(0, dot);
    const std::string kind = canonical.substr(dot);
    const std::int64_t block = splitCanonical(canonical).block;
    const auto nameOf = [&](const std::string& name) {
        const auto found = spec.tensorNames.find(asPattern(name));
        return found == spec.tensorNames.end() ? std::nullopt
                                               : std::optional(filledIn(found->second, block));
    };
    std::optional<std::string> name = nameOf(canonical);
    std::string suffix;
    if (!name) {
        name = nameOf(module);
        suffix = kind;
    }
    if (!name) return {{canonical, canonical + ".weight"}};
    if (!name->ends_with(kFused) || block < 0) return {{*name + suffix}};
    name->resize(name->size() - kFused.size());
    return fusedSource(*name + suffix, module, spec.blocks[static_cast<std::size_t>(block)]);
}

}  // namespace driftlens
