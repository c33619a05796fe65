#include "core/base/error.h"
#include "core/base/text.h"
#include "core/families/family.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace driftlens {
namespace {

constexpr std::array<std::string_view, 2> kBertPrefixes = {"bert.", ""};
constexpr std::array<std::string_view, 2> kBertIgnored = {"*embeddings.position_ids", "cls.*"};
constexpr std::array<std::string_view, 2> kDistilbertPrefixes = {"distilbert.", ""};
constexpr std::array<std::string_view, 2> kDistilbertIgnored = {"*embeddings.position_ids",
                                                                "vocab_*"};
constexpr std::array<std::string_view, 2> kGpt2Prefixes = {"transformer.", ""};
constexpr std::array<std::string_view, 3> kGpt2Ignored = {"*.attn.bias", "*.attn.masked_bias",
                                                          "lm_head.weight"};
constexpr std::array<std::string_view, 2> kLlamaPrefixes = {"model.", ""};
constexpr std::array<std::string_view, 2> kLlamaIgnored = {"*rotary_emb.inv_freq",
                                                           "lm_head.weight"};
constexpr std::array<std::string_view, 3> kOptPrefixes = {"model.decoder.", "decoder.", ""};
constexpr std::array<std::string_view, 1> kOptIgnored = {"lm_head.weight"};
constexpr std::array<std::string_view, 2> kRobertaPrefixes = {"roberta.", ""};
constexpr std::array<std::string_view, 3> kRobertaIgnored = {"*embeddings.position_ids",
                                                             "lm_head.*", "roberta.pooler.*"};
constexpr std::array<std::string_view, 2> kGptNeoxPrefixes = {"gpt_neox.", ""};
constexpr std::array<std::string_view, 4> kGptNeoxIgnored = {
    "*rotary_emb.inv_freq", "*attention.bias", "*attention.masked_bias", "embed_out.weight"};
constexpr std::array<std::string_view, 4> kGemma3Prefixes = {
    "language_model.model.", "model.language_model.", "language_model.", ""};
constexpr std::array<std::string_view, 5> kGemma3Ignored = {
    "*lm_head.weight", "vision_tower.*", "model.vision_tower.*", "multi_modal_projector.*",
    "model.multi_modal_projector.*"};
constexpr std::array<std::string_view, 1> kNoPrefix = {""};

// Adding a family: its file, two declarations in family.h, one row here.
constexpr std::array<FamilyEntry, 19> kFamilies = {{
    {"bert", "BERT", "BertForSequenceClassification BertForMaskedLM BertForPreTraining",
     &readBertConfig, &bertSource, kBertPrefixes, kBertIgnored},
    {"distilbert", "DistilBERT", "DistilBertForSequenceClassification DistilBertForMaskedLM",
     &readDistilbertConfig, &distilbertSource, kDistilbertPrefixes, kDistilbertIgnored},
    {"driftlens",
     "Driftlens spec",
     "DriftlensModel",
     &readDriftlensConfig,
     &driftlensSource,
     kNoPrefix,
     {}},
    {"gemma", "Gemma", "GemmaForCausalLM", &readGemmaConfig, &llamaSource, kLlamaPrefixes,
     kLlamaIgnored},
    {"gemma2", "Gemma 2", "Gemma2ForCausalLM", &readGemma2Config, &gemma2Source, kLlamaPrefixes,
     kLlamaIgnored},
    {"gemma3", "Gemma 3, the text part", "Gemma3ForConditionalGeneration", &readGemma3Config,
     &gemma2Source, kGemma3Prefixes, kGemma3Ignored},
    {"gemma3_text", "Gemma 3", "Gemma3ForCausalLM", &readGemma3TextConfig, &gemma2Source,
     kLlamaPrefixes, kLlamaIgnored},
    {"gpt_neox", "GPT-NeoX", "GPTNeoXForCausalLM", &readGptNeoxConfig, &gptNeoxSource,
     kGptNeoxPrefixes, kGptNeoxIgnored},
    {"gpt2", "GPT-2", "GPT2LMHeadModel", &readGpt2Config, &gpt2Source, kGpt2Prefixes, kGpt2Ignored},
    {"llama", "Llama", "LlamaForCausalLM", &readLlamaConfig, &llamaSource, kLlamaPrefixes,
     kLlamaIgnored},
    {"mistral", "Mistral", "MistralForCausalLM", &readMistralConfig, &llamaSource, kLlamaPrefixes,
     kLlamaIgnored},
    {"mixtral", "Mixtral", "MixtralForCausalLM", &readMixtralConfig, &mixtralSource, kLlamaPrefixes,
     kLlamaIgnored},
    {"opt", "OPT", "OPTForCausalLM", &readOptConfig, &optSource, kOptPrefixes, kOptIgnored},
    {"phi", "Phi", "PhiForCausalLM", &readPhiConfig, &phiSource, kLlamaPrefixes, kLlamaIgnored},
    {"phi3", "Phi-3", "Phi3ForCausalLM", &readPhi3Config, &phi3Source, kLlamaPrefixes,
     kLlamaIgnored},
    {"qwen2", "Qwen2", "Qwen2ForCausalLM", &readQwen2Config, &llamaSource, kLlamaPrefixes,
     kLlamaIgnored},
    {"qwen3", "Qwen3", "Qwen3ForCausalLM", &readQwen3Config, &llamaSource, kLlamaPrefixes,
     kLlamaIgnored},
    {"roberta", "RoBERTa", "RobertaForSequenceClassification RobertaForMaskedLM",
     &readRobertaConfig, &robertaSource, kRobertaPrefixes, kRobertaIgnored},
    {"xlm-roberta", "XLM-RoBERTa", "XLMRobertaForSequenceClassification XLMRobertaForMaskedLM",
     &readRobertaConfig, &robertaSource, kRobertaPrefixes, kRobertaIgnored},
}};

const Json* architectureOf(const JsonObject& config) {
    const Json* list = config.find("architectures");
    if (list == nullptr || !list->is_array() || list->empty() || !list->front().is_string()) {
        return nullptr;
    }
    return &list->front();
}

void checkArchitecture(const JsonObject& config, const FamilyEntry& family) {
    const Json* architecture = architectureOf(config);
    if (architecture == nullptr) return;
    const std::string name = " " + architecture->get<std::string>() + " ";
    if ((" " + std::string(family.architectures) + " ").find(name) != std::string::npos) return;
    throw Error(ErrorKind::Unsupported, config.what() + ": architecture " +
                                            inQuotes(architecture->get<std::string>()) +
                                            " is not supported; of " + std::string(family.title) +
                                            ": " + std::string(family.architectures));
}

// '*' matches any text; at most one or two of them in a pattern.
bool matches(std::string_view pattern, std::string_view name) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == name;
    if (!name.starts_with(pattern.substr(0, star))) return false;
    const std::string_view rest = pattern.substr(star + 1);
    return name.size() + 1 >= pattern.size() && name.ends_with(rest);
}

}  // namespace

bool isIgnoredName(const FamilyEntry& family, std::string_view name) {
    return std::any_of(family.ignored.begin(), family.ignored.end(),
                       [&](std::string_view pattern) { return matches(pattern, name); });
}

bool isArchitecture(const JsonObject& config, std::string_view ending) {
    const Json* architecture = architectureOf(config);
    return architecture != nullptr && architecture->get<std::string>().ends_with(ending);
}

void readWindows(const JsonObject& config, ModelSpec& spec, std::int64_t window,
                 const std::function<bool(std::int64_t layer)>& isSliding) {
    const Json* types = config.find("layer_types");
    if (types != nullptr && (!types->is_array() || types->size() != spec.blocks.size())) {
        throw Error(ErrorKind::InputFile, config.what() + ": layer_types is no list of " +
                                              std::to_string(spec.blocks.size()) + " layers");
    }
    for (std::size_t i = 0; i < spec.blocks.size(); ++i) {
        const bool slides = types == nullptr ? isSliding(static_cast<std::int64_t>(i))
                                             : (*types)[i] == "sliding_attention";
        spec.blocks[i].window = slides ? window : 0;
    }
}

at::Tensor partOf(const at::Tensor& stored, const ParameterSource& source) {
    at::Tensor out = source.stacked > 0 ? stored.view({-1, stored.size(-1)}) : stored;
    if (source.isTransposed) out = out.t();
    if (source.rows < 0) return out;
    if (source.groups == 1) return out.narrow(0, source.firstRow, source.rows);
    return out.unflatten(0, {source.groups, source.fusedRows})
        .narrow(1, source.firstRow, source.rows);
}

std::span<const FamilyEntry> families() {
    return kFamilies;
}

const FamilyEntry& familyOf(const JsonObject& config) {
    const std::string type = config.string("model_type");
    std::string known;
    for (const FamilyEntry& family : kFamilies) {
        if (family.modelType == type) {
            checkArchitecture(config, family);
            return family;
        }
        known += (known.empty() ? "" : ", ") + std::string(family.modelType);
    }
    throw Error(ErrorKind::Unsupported, config.what() + ": model_type " + inQuotes(type) +
                                            " is not supported; supported: " + known);
}

const FamilyEntry& familyNamed(std::string_view modelType) {
    for (const FamilyEntry& family : kFamilies) {
        if (family.modelType == modelType) return family;
    }
    throw Error(ErrorKind::Internal, "no family " + inQuotes(modelType));
}

CanonicalName splitCanonical(const std::string& name) {
    constexpr std::string_view kPrefix = "blocks.";
    if (!name.starts_with(kPrefix)) return {-1, name};
    CanonicalName out;
    const char* begin = name.data() + kPrefix.size();
    const auto [end, status] = std::from_chars(begin, name.data() + name.size(), out.block);
    if (status != std::errc()) return {-1, name};
    out.rest = std::string(end + 1, name.data() + name.size());
    return out;
}

Activation parseActivation(std::string_view name, std::string_view what) {
    struct Row {
        std::string_view name;
        Activation activation;
    };
    constexpr std::array<Row, 8> kRows = {{{"gelu", Activation::GeluErf},
                                           {"gelu_new", Activation::GeluTanh},
                                           {"gelu_pytorch_tanh", Activation::GeluTanh},
                                           {"gelu_python_tanh", Activation::GeluTanh},
                                           {"gelu_python", Activation::GeluErf},
                                           {"silu", Activation::Silu},
                                           {"swish", Activation::Silu},
                                           {"relu", Activation::Relu}}};
    for (const Row& row : kRows) {
        if (row.name == name) return row.activation;
    }
    throw Error(ErrorKind::Unsupported,
                std::string(what) + ": activation " + inQuotes(name) + " is not supported");
}

void readClassLabels(const JsonObject& config, ModelSpec& spec) {
    constexpr std::int64_t kMaxClasses = 1 << 20;
    const Json* labels = config.find("id2label");
    const auto count = labels != nullptr && labels->is_object()
                           ? static_cast<std::int64_t>(labels->size())
                           : std::int64_t{2};
    spec.classes = config.integer("num_labels", 1, kMaxClasses, count);
    for (std::int64_t i = 0; i < spec.classes; ++i) {
        std::string label = "LABEL_" + std::to_string(i);
        if (labels != nullptr && labels->is_object()) {
            const auto found = labels->find(std::to_string(i));
            if (found != labels->end() && found->is_string()) label = found->get<std::string>();
        }
        spec.classLabels.push_back(std::move(label));
    }
}

std::vector<std::int64_t> readTokenIds(const JsonObject& config, std::string_view key,
                                       std::int64_t vocabularySize) {
    std::vector<std::int64_t> out;
    const auto add = [&](const Json& value) {
        if (!value.is_number_integer()) return;
        const auto id = value.get<std::int64_t>();
        if (id >= 0 && id < vocabularySize) out.push_back(id);
    };
    const Json* value = config.find(key);
    if (value == nullptr) return out;
    if (!value->is_array()) {
        add(*value);
    } else {
        for (const Json& item : *value) add(item);
    }
    return out;
}

void readSpecialTokens(const JsonObject& config, ModelSpec& spec) {
    const auto first = [&](std::string_view key) -> std::optional<std::int64_t> {
        const std::vector<std::int64_t> ids = readTokenIds(config, key, spec.vocabularySize);
        return ids.empty() ? std::nullopt : std::optional(ids.front());
    };
    spec.bosToken = first("bos_token_id");
    spec.padToken = first("pad_token_id");
    spec.endTokens = readTokenIds(config, "eos_token_id", spec.vocabularySize);
}

BlockSpec equalHeads(const JsonObject& config, std::string_view key, std::string_view hiddenKey,
                     std::int64_t hiddenSize) {
    BlockSpec block;
    block.heads = config.integer(key, 1, kMaxConfigSize);
    block.kvHeads = block.heads;
    block.headDim = hiddenSize / block.heads;
    if (hiddenSize % block.heads != 0) {
        throw Error(ErrorKind::InputFile, config.what() + ": " + std::string(key) + " " +
                                              std::to_string(block.heads) + " does not divide " +
                                              std::string(hiddenKey) + " " +
                                              std::to_string(hiddenSize));
    }
    return block;
}

std::vector<BlockSpec> equalBlocks(std::int64_t count, const BlockSpec& block) {
    return std::vector<BlockSpec>(static_cast<std::size_t>(count), block);
}

}  // namespace driftlens
