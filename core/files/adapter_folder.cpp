#include "core/files/adapter_folder.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/regex.h"

#include <array>
#include <optional>
#include <system_error>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kConfigFile = "adapter_config.json";
constexpr std::string_view kWeightsFile = "adapter_model.safetensors";
constexpr std::string_view kPickledFile = "adapter_model.bin";

constexpr std::int64_t kMaxRank = std::int64_t{1} << 20;
constexpr double kMaxAlpha = 1e9;

struct KindRow {
    std::string_view name;  // "peft_type"
    AdapterKind kind;
    AdapterConfig (*read)(const JsonObject& config);
};

// Options that change what an adapter computes and that are not built; unset, they are null, false
// or empty.
constexpr std::array<std::string_view, 11> kUnsupportedOptions = {"alora_invocation_tokens",
                                                                  "arrow_config",
                                                                  "kasa_config",
                                                                  "layer_replication",
                                                                  "megatron_config",
                                                                  "monteclora_config",
                                                                  "target_parameters",
                                                                  "trainable_token_indices",
                                                                  "use_bdlora",
                                                                  "use_qalora",
                                                                  "ensure_weight_tying"};

// Initialisations that change the base weights too: such an adapter means nothing beside the
// weights as they were.
constexpr std::array<std::string_view, 5> kBaseChangingStarts = {"pissa", "olora", "corda", "loftq",
                                                                 "lora_ga"};

[[noreturn]] void refuseOption(const JsonObject& config, std::string_view key) {
    throw Error(ErrorKind::Unsupported, config.what() + ": " + std::string(key) + " " +
                                            inQuotes(config.find(key)->dump()) +
                                            " is not supported");
}

void refuseUnsupported(const JsonObject& config) {
    for (const std::string_view key : kUnsupportedOptions) {
        const Json* value = config.find(key);
        const bool isUnset = value == nullptr || *value == false ||
                             ((value->is_structured() || value->is_string()) && value->empty());
        if (!isUnset) refuseOption(config, key);
    }
    const Json* start = config.find("init_lora_weights");
    if (start == nullptr || !start->is_string()) return;
    for (const std::string_view name : kBaseChangingStarts) {
        if (start->get_ref<const std::string&>().starts_with(name))
            refuseOption(config, "init_lora_weights");
    }
}

template <typename Read>
std::vector<AdapterPattern> readPatterns(const JsonObject& config, std::string_view key,
                                         const Read& read) {
    std::vector<AdapterPattern> out;
    if (!config.has(key)) return out;
    const JsonObject patterns = config.object(key);
    for (const auto& [pattern, value] : patterns.value().items())
        out.push_back({pattern, static_cast<double>(read(patterns, pattern))});
    return out;
}

std::int64_t readRank(const JsonObject& object, std::string_view key) {
    return object.integer(key, 1, kMaxRank);
}

double readAlpha(const JsonObject& object, std::string_view key) {
    return object.number(key, -kMaxAlpha, kMaxAlpha);
}

constexpr std::int64_t kDefaultRank = 8;  // PEFT's, as is the alpha
constexpr double kDefaultAlpha = 8.0;

AdapterConfig readLora(const JsonObject& config) {
    AdapterConfig out;
    out.rank = config.has("r") ? readRank(config, "r") : kDefaultRank;
    out.alpha = config.has("lora_alpha") ? readAlpha(config, "lora_alpha") : kDefaultAlpha;
    out.rankPatterns = readPatterns(config, "rank_pattern", &readRank);
    out.alphaPatterns = readPatterns(config, "alpha_pattern", &readAlpha);
    out.isRankStabilized = config.boolean("use_rslora", false);
    out.isDora = config.boolean("use_dora", false);
    return out;
}

// Its ranks were pruned one by one: the tensors alone say what is left.
AdapterConfig readAdaLora(const JsonObject& config) {
    AdapterConfig out;
    out.alpha = config.has("lora_alpha") ? readAlpha(config, "lora_alpha") : kDefaultAlpha;
    if (config.boolean("use_dora", false)) refuseOption(config, "use_dora");
    return out;
}

AdapterConfig readIa3(const JsonObject&) {
    return {};
}

// Saved as they enter the network: whatever encoder trained them is not needed any more.
AdapterConfig readVirtualTokens(const JsonObject& config) {
    AdapterConfig out;
    out.virtualTokens = config.integer("num_virtual_tokens", 1, kMaxRank);
    if (config.has("num_transformer_submodules") &&
        config.integer("num_transformer_submodules", 1, kMaxRank) != 1)
        refuseOption(config, "num_transformer_submodules");
    return out;
}

constexpr std::array<KindRow, 6> kKinds = {
    {{"LORA", AdapterKind::Lora, &readLora},
     {"ADALORA", AdapterKind::AdaLora, &readAdaLora},
     {"IA3", AdapterKind::Ia3, &readIa3},
     {"PROMPT_TUNING", AdapterKind::Prompt, &readVirtualTokens},
     {"P_TUNING", AdapterKind::Prompt, &readVirtualTokens},
     {"PREFIX_TUNING", AdapterKind::Prefix, &readVirtualTokens}}};

AdapterConfig readAdapterConfig(const JsonObject& config) {
    const std::string type = config.string("peft_type");
    std::string known;
    for (const KindRow& row : kKinds) {
        known += (known.empty() ? "" : ", ") + std::string(row.name);
        if (row.name != type) continue;
        refuseUnsupported(config);
        AdapterConfig out = row.read(config);
        out.kind = row.kind;
        return out;
    }
    throw Error(ErrorKind::Unsupported, config.what() + ": peft_type " + inQuotes(type) +
                                            " is not supported; supported: " + known);
}

bool isThere(const fs::path& file) {
    std::error_code status;
    return fs::is_regular_file(file, status);
}

void checkIsAdapterFolder(const fs::path& folder) {
    std::error_code status;
    if (!fs::exists(folder, status))
        throw Error(ErrorKind::InputFile, folder.string() + ": no such folder");
    if (!isThere(folder / kConfigFile)) {
        throw Error(
            ErrorKind::InputFile,
            folder.string() + ": is not an adapter folder: it has no " + std::string(kConfigFile));
    }
}

void checkHasWeights(const fs::path& folder) {
    if (isThere(folder / kWeightsFile)) return;
    if (isThere(folder / kPickledFile)) {
        throw Error(ErrorKind::Unsupported,
                    (folder / kPickledFile).string() +
                        ": pickled weights can run code and are refused; convert them to "
                        "safetensors in a place you trust");
    }
    throw Error(ErrorKind::InputFile, folder.string() + ": has no " + std::string(kWeightsFile));
}

bool matchesEnd(const std::string& pattern, const std::string& module, const std::string& what) {
    std::vector<Match> found;
    Regex("\\A(?:.*\\.)?(?:" + pattern + ")\\z", what + ": pattern " + inQuotes(pattern))
        .findAll(module, found);
    return !found.empty();
}

// PEFT takes the first pattern in the order of the file, which JSON does not keep.
std::optional<double> valueOf(const std::vector<AdapterPattern>& patterns,
                              const std::string& module, const std::string& what) {
    const AdapterPattern* found = nullptr;
    for (const AdapterPattern& row : patterns) {
        if (!matchesEnd(row.pattern, module, what)) continue;
        if (found != nullptr && found->value != row.value) {
            throw Error(ErrorKind::InputFile, what + ": patterns " + inQuotes(found->pattern) +
                                                  " and " + inQuotes(row.pattern) +
                                                  " give module " + inQuotes(module) +
                                                  " different values");
        }
        found = &row;
    }
    return found == nullptr ? std::nullopt : std::optional(found->value);
}

}  // namespace

std::int64_t AdapterConfig::rankOf(const std::string& module, const std::string& what) const {
    return static_cast<std::int64_t>(
        valueOf(rankPatterns, module, what).value_or(static_cast<double>(rank)));
}

double AdapterConfig::alphaOf(const std::string& module, const std::string& what) const {
    return valueOf(alphaPatterns, module, what).value_or(alpha);
}

AdapterFolder AdapterFolder::open(const fs::path& folder) {
    checkIsAdapterFolder(folder);
    AdapterFolder out;
    out.m_folder = folder;
    const Json json = readJsonFile(folder / kConfigFile, {std::size_t{16} << 20, 64});
    out.m_config = readAdapterConfig(JsonObject(json, out.configFile()));
    checkHasWeights(folder);
    out.m_files = {MappedFile::open(folder / kConfigFile), MappedFile::open(folder / kWeightsFile)};
    for (StoredTensor& tensor : readSafetensors(out.m_files.back()).tensors) {
        std::string name = tensor.name;
        out.m_tensors.emplace(std::move(name), std::move(tensor));
    }
    return out;
}

std::string AdapterFolder::configFile() const {
    return (m_folder / kConfigFile).string();
}

std::string AdapterFolder::weightsFile() const {
    return (m_folder / kWeightsFile).string();
}

std::vector<FileDigest> AdapterFolder::digests() const {
    std::vector<FileDigest> out;
    for (const auto& file : m_files) {
        out.push_back(
            {file->path().filename().string(), file->bytes().size(), sha256(file->bytes())});
    }
    return out;
}

}  // namespace driftlens
