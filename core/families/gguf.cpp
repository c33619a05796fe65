#include "core/families/gguf.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/families/family.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace driftlens {
namespace {

struct Architecture {
    std::string_view name;           // general.architecture
    std::string_view modelType;      // the family
    bool interleavesRotary = false;  // the converter interleaves the rows of q and k
};

constexpr std::array<Architecture, 11> kArchitectures = {{{"bert", "bert"},
                                                          {"gemma", "gemma"},
                                                          {"gemma2", "gemma2"},
                                                          {"gemma3", "gemma3_text"},
                                                          {"gpt2", "gpt2"},
                                                          {"gptneox", "gpt_neox"},
                                                          {"llama", "llama", true},
                                                          {"phi2", "phi"},
                                                          {"phi3", "phi3"},
                                                          {"qwen2", "qwen2"},
                                                          {"qwen3", "qwen3"}}};

const Architecture& architectureOf(const GgufFile& file) {
    const std::string_view name = file.metadata().text("general.architecture");
    std::string known;
    for (const Architecture& row : kArchitectures) {
        if (row.name == name) return row;
        known += (known.empty() ? "" : ", ") + std::string(row.name);
    }
    throw Error(ErrorKind::Unsupported, file.files().front()->path().string() +
                                            ": general.architecture " + inQuotes(name) +
                                            " is not supported; supported: " + known);
}

// A metadata key of the architecture and the keys of config.json that mean the same.
struct KeyRow {
    std::string_view key;
    bool isInteger;
    std::array<std::string_view, 2> names;
};

constexpr std::array<KeyRow, 17> kKeys = {
    {{"context_length", true, {"max_position_embeddings", "n_positions"}},
     {"embedding_length", true, {"hidden_size", "n_embd"}},
     {"block_count", true, {"num_hidden_layers", "n_layer"}},
     {"attention.head_count", true, {"num_attention_heads", "n_head"}},
     {"attention.head_count_kv", true, {"num_key_value_heads"}},
     {"attention.key_length", true, {"head_dim"}},
     {"attention.layer_norm_rms_epsilon", false, {"rms_norm_eps"}},
     {"attention.layer_norm_epsilon", false, {"layer_norm_eps", "layer_norm_epsilon"}},
     {"attention.sliding_window", true, {"sliding_window"}},
     {"rope.freq_base", false, {"rope_theta", "rotary_emb_base"}},
     {"rope.freq_base_swa", false, {"rope_local_base_freq"}},
     {"expert_count", true, {"num_local_experts"}},
     {"expert_used_count", true, {"num_experts_per_tok"}},
     {"attn_logit_softcapping", false, {"attn_logit_softcapping"}},
     {"final_logit_softcapping", false, {"final_logit_softcapping"}},
     {"rope.scaling.original_context_length", true, {"original_max_position_embeddings"}},
     {"feed_forward_length", true, {"intermediate_size", "n_inner"}}}};

struct TokenRow {
    std::string_view key, name;
};

constexpr std::array<TokenRow, 3> kTokens = {{{"bos_token_id", "bos_token_id"},
                                              {"eos_token_id", "eos_token_id"},
                                              {"padding_token_id", "pad_token_id"}}};

// Makes the config.json that the file's model would have.
class ConfigMaker {
public:
    explicit ConfigMaker(const GgufFile& file)
        : m_file(file),
          m_metadata(file.metadata()),
          m_architecture(architectureOf(file)),
          m_prefix(std::string(m_architecture.name) + ".") {}

    Json make() {
        for (const char* key :
             {"context_length", "embedding_length", "block_count", "attention.head_count"}) {
            m_metadata.integer(m_prefix + key, 1, kMaxConfigSize);  // throws, naming the key
        }
        if (m_file.find("token_embd.weight") == nullptr)
            throw Error(ErrorKind::InputFile, m_file.files().front()->path().string() +
                                                  ": tensor \"token_embd.weight\" is missing");
        m_out["model_type"] = m_architecture.modelType;
        copyKeys();
        copyTokens();
        takeSizesFromTensors();
        addRope();
        m_out["tie_word_embeddings"] = m_file.find("output.weight") == nullptr;
        if (m_architecture.name == "llama") finishLlama();
        if (m_architecture.name == "gemma2" || m_architecture.name == "gemma3") finishGemma();
        if (m_architecture.name == "gptneox" && has("use_parallel_residual"))
            m_out["use_parallel_residual"] = m_metadata.boolean(m_prefix + "use_parallel_residual");
        if (m_architecture.name == "bert") finishBert();
        return m_out;
    }

private:
    bool has(const std::string& key) const { return m_metadata.contains(m_prefix + key); }

    // A float as the decimal that was meant: 1e-06, not 9.999999974752427e-07.
    static double asWritten(double value) {
        return value == static_cast<double>(static_cast<float>(value))
                   ? std::stod(formatNumber(value, std::numeric_limits<float>::digits10))
                   : value;
    }

    void copyKeys() {
        for (const KeyRow& row : kKeys) {
            const std::string key(row.key);
            if (!has(key)) continue;
            for (const std::string_view name : row.names) {
                if (name.empty()) continue;
                if (row.isInteger) {
                    m_out[name] = m_metadata.integer(m_prefix + key, 0, kMaxConfigSize);
                } else {
                    m_out[name] = asWritten(m_metadata.number(m_prefix + key));
                }
            }
        }
        if (m_out.value("sliding_window", std::int64_t{1}) == 0) m_out.erase("sliding_window");
    }

    void copyTokens() {
        for (const TokenRow& row : kTokens) {
            const std::string key = "tokenizer.ggml." + std::string(row.key);
            if (m_metadata.contains(key))
                m_out[row.name] = m_metadata.integer(key, 0, std::int64_t{1} << 32);
        }
        if (m_metadata.contains("tokenizer.ggml.eot_token_id") && m_out.contains("eos_token_id")) {
            m_out["eos_token_id"] = {
                m_out["eos_token_id"],
                m_metadata.integer("tokenizer.ggml.eot_token_id", 0, std::int64_t{1} << 32)};
        }
    }

    std::int64_t rowsOf(const std::string& name) const {
        const GgufTensor* tensor = m_file.find(name);
        return tensor == nullptr || tensor->shape.size() != 2 ? 0 : tensor->shape[0];
    }

    // Converters guess some sizes (4 × hidden for GPT-2's MLP); the tensors have them.
    void takeSizesFromTensors() {
        const std::int64_t vocabulary = rowsOf("token_embd.weight");
        if (vocabulary > 0) m_out["vocab_size"] = vocabulary;
        const std::int64_t inner = rowsOf("blk.0.ffn_up.weight");
        const bool isFused = m_architecture.name == "phi3";  // the gate and what it gates
        if (inner > 0) m_out["intermediate_size"] = m_out["n_inner"] = isFused ? inner / 2 : inner;
        const std::int64_t heads = m_out.value("num_attention_heads", std::int64_t{0});
        const std::int64_t q = rowsOf("blk.0.attn_q.weight");
        if (heads > 0 && q > 0) m_out["head_dim"] = q / heads;
    }

    void addRope() {
        const std::string_view kind = m_metadata.textOr(m_prefix + "rope.scaling.type", "none");
        if (kind == "none" || kind == "longrope") return;
        m_out["rope_scaling"] = {{"rope_type", kind}};
        if (has("rope.scaling.factor"))
            m_out["rope_scaling"]["factor"] =
                asWritten(m_metadata.number(m_prefix + "rope.scaling.factor"));
        if (m_out.contains("original_max_position_embeddings")) {
            m_out["rope_scaling"]["original_max_position_embeddings"] =
                m_out["original_max_position_embeddings"];
        }
    }

    void finishLlama() {
        m_out["attention_bias"] = m_file.find("blk.0.attn_q.bias") != nullptr;
        m_out["mlp_bias"] = m_file.find("blk.0.ffn_up.bias") != nullptr;
        if (m_out.value("num_local_experts", std::int64_t{0}) > 0) m_out["model_type"] = "mixtral";
    }

    // llama.cpp divides by the square root of the head size, but in the two 27B models.
    void finishGemma() {
        const auto layers = m_out.value("num_hidden_layers", std::int64_t{0});
        const auto heads = std::max<std::int64_t>(1, m_out.value("num_attention_heads", 1));
        const std::int64_t largest = m_architecture.name == "gemma2" ? 46 : 62;
        m_out["query_pre_attn_scalar"] = layers == largest
                                             ? m_out.value("hidden_size", std::int64_t{1}) / heads
                                             : m_out.value("head_dim", std::int64_t{256});
    }

    void finishBert() {
        m_out["type_vocab_size"] = rowsOf("token_types.weight");
        if (!has("classifier.output_labels") || m_file.find("cls.weight") == nullptr) return;
        m_out["architectures"] = {"BertForSequenceClassification"};
        Json labels = Json::object();
        for (const std::string_view label : m_metadata.texts(m_prefix + "classifier.output_labels"))
            labels[std::to_string(labels.size())] = label;
        m_out["id2label"] = labels;
    }

    const GgufFile& m_file;
    const GgufMetadata& m_metadata;
    const Architecture& m_architecture;
    std::string m_prefix;
    Json m_out = Json::object();
};

// Divisors of rotary frequencies that are stored as a tensor: Llama 3's, and Phi-3's two lists.
std::vector<double> factorsOf(const GgufTensor& tensor) {
    std::vector<float> values(static_cast<std::size_t>(tensor.elementCount()));
    tensor.checkIsFinite();
    tensor.dequantize(0, tensor.rowCount(), values);
    for (const float value : values) {
        if (!(value > 0.0F)) {
            throw Error(ErrorKind::InputFile, tensor.file->path().string() + ": tensor " +
                                                  inQuotes(tensor.name) +
                                                  " has a factor that is not positive");
        }
    }
    return {values.begin(), values.end()};
}

void readRopeFactors(const GgufFile& file, ModelSpec& spec) {
    const GgufTensor* always = file.find("rope_freqs.weight");
    const GgufTensor* small = file.find("rope_factors_short.weight");
    const GgufTensor* large = file.find("rope_factors_long.weight");
    if (always != nullptr) small = large = always;
    if (small == nullptr || large == nullptr) return;
    RopeSpec& rope = spec.rope;
    rope.scaling = RopeScaling::LongRope;
    rope.shortFactors = factorsOf(*small);
    rope.longFactors = factorsOf(*large);
    const std::string prefix = std::string(architectureOf(file).name) + ".rope.scaling.";
    rope.originalContext = static_cast<double>(file.metadata().integerOr(
        prefix + "original_context_length", spec.maxPositions, 1, kMaxConfigSize));
    rope.attentionFactor = file.metadata().numberOr(prefix + "attn_factor", 1.0);
}

struct Rename {
    std::string_view from, to;
};

// Modules of a block, and those outside, as llama.cpp names them.
constexpr std::array<Rename, 13> kBlockModules = {{{"attn_norm", "attn_norm"},
                                                   {"mlp_norm", "ffn_norm"},
                                                   {"attn_post_norm", "post_attention_norm"},
                                                   {"mlp_post_norm", "post_ffw_norm"},
                                                   {"attn.q_proj", "attn_q"},
                                                   {"attn.k_proj", "attn_k"},
                                                   {"attn.v_proj", "attn_v"},
                                                   {"attn.out_proj", "attn_output"},
                                                   {"attn.q_norm", "attn_q_norm"},
                                                   {"attn.k_norm", "attn_k_norm"},
                                                   {"mlp.up_proj", "ffn_up"},
                                                   {"mlp.gate_proj", "ffn_gate"},
                                                   {"mlp.down_proj", "ffn_down"}}};

constexpr std::array<Rename, 9> kOuterNames = {
    {{"embeddings.tokens", "token_embd.weight"},
     {"embeddings.positions", "position_embd.weight"},
     {"embeddings.types", "token_types.weight"},
     {"embeddings.norm.weight", "token_embd_norm.weight"},
     {"embeddings.norm.bias", "token_embd_norm.bias"},
     {"final_norm.weight", "output_norm.weight"},
     {"final_norm.bias", "output_norm.bias"},
     {"pooler.weight", "cls.weight"},
     {"pooler.bias", "cls.bias"}}};

template <std::size_t N>
std::string renamed(const std::array<Rename, N>& table, std::string_view name) {
    for (const Rename& row : table) {
        if (row.from == name) return std::string(row.to);
    }
    return "";
}

// "mlp.experts.3.gate_proj" of a stack of all experts, or of its own tensor in old files.
std::vector<GgufSource> expertSources(const std::string& prefix, std::string_view rest,
                                      const ModelSpec& spec, const BlockSpec& block) {
    const std::vector<std::string> parts = splitText(rest, '.');  // mlp experts 3 gate_proj weight
    const std::string module = renamed(kBlockModules, "mlp." + parts[3]);
    const std::int64_t expert = std::stoll(parts[2]);
    const std::int64_t rows = parts[3] == "down_proj" ? spec.hiddenSize : block.mlpSize;
    return {{prefix + module + "_exps.weight", expert * rows, rows},
            {prefix + module + "." + parts[2] + ".weight"}};
}

// Where q, k and v are one matrix, and Phi-3's gate is in ffn_up.
std::vector<GgufSource> fusedSources(const std::string& prefix, const std::string& module,
                                     const std::string& kind, const ModelSpec& spec,
                                     const BlockSpec& block) {
    const std::int64_t q = block.heads * block.headDim, kv = block.kvHeads * block.headDim;
    const std::string qkv = prefix + "attn_qkv" + kind, up = prefix + "ffn_up" + kind;
    if (module == "attn.q_proj") return {{qkv, 0, q}};
    if (module == "attn.k_proj") return {{qkv, q, kv}};
    if (module == "attn.v_proj") return {{qkv, q + kv, kv}};
    if (spec.family != "phi3") return {};
    if (module == "mlp.gate_proj") return {{up, 0, block.mlpSize}};
    if (module == "mlp.up_proj") return {{up, block.mlpSize, block.mlpSize}};
    return {};
}

}  // namespace

ModelSpec readGgufSpec(const GgufFile& file) {
    const std::string what = file.files().front()->path().string();
    const Json json = ConfigMaker(file).make();
    const JsonObject config(json, what);
    ModelSpec spec = familyOf(config).readConfig(config);
    spec.normAddsOne = false;  // Gemma's norms are stored as 1 + weight
    const bool isHeadless = spec.family == "bert" && !json.contains("architectures");
    if (isHeadless) {
        spec.task = Task::Encoder;
        spec.pooler = PoolerKind::None;
        spec.classLabels.clear();
    }
    const std::string rotary = std::string(architectureOf(file).name) + ".rope.dimension_count";
    if (spec.positionKind == PositionKind::Rotary && file.metadata().contains(rotary))
        spec.rope.dimensions = file.metadata().integer(rotary, 1, kMaxConfigSize);
    readRopeFactors(file, spec);
    return spec;
}

std::vector<GgufSource> ggufSources(const std::string& canonical, const ModelSpec& spec,
                                    const GgufFile& file) {
    const auto [index, rest] = splitCanonical(canonical);
    if (const std::string outer = renamed(kOuterNames, rest); !outer.empty()) return {{outer}};
    const std::string kind = rest.substr(rest.rfind('.'));
    const std::string module = rest.substr(0, rest.rfind('.'));
    const bool isClassifier = spec.task == Task::Classification;
    if (module == "head") return {{(isClassifier ? "cls.output" : "output") + kind}};
    if (index < 0) return {};
    const BlockSpec& block = spec.blocks[static_cast<std::size_t>(index)];
    const std::string prefix = "blk." + std::to_string(index) + ".";
    if (module == "mlp.router") return {{prefix + "ffn_gate_inp" + kind}};
    if (rest.starts_with("mlp.experts.")) return expertSources(prefix, rest, spec, block);
    if (spec.normPlace == NormPlace::Post) {
        if (module == "attn_norm") return {{prefix + "attn_output_norm" + kind}};
        if (module == "mlp_norm") return {{prefix + "layer_output_norm" + kind}};
    }
    std::vector<GgufSource> out = fusedSources(prefix, module, kind, spec, block);
    const bool isHalfOfFused = spec.family == "phi3" && module.starts_with("mlp.up");
    if (!isHalfOfFused) out.push_back({prefix + renamed(kBlockModules, module) + kind});
    if (architectureOf(file).interleavesRotary) {
        for (GgufSource& source : out) {
            if (module == "attn.q_proj") source.interleavedHeads = block.heads;
            if (module == "attn.k_proj") source.interleavedHeads = block.kvHeads;
        }
    }
    return out;
}

bool isIgnoredGgufTensor(std::string_view name) {
    return name.starts_with("rope_f") || name.ends_with("rope_freqs.weight");
}

}  // namespace driftlens
