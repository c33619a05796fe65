// A folder of the PEFT library (huggingface/peft): adapter_config.json and the few tensors that
// change a model.
#pragma once

#include "core/files/checkpoint.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// LoRA: Hu et al. 2021; AdaLoRA: Zhang et al. 2023; IA3: Liu et al. 2022; virtual tokens: prompt
// tuning (Lester et al. 2021), P-tuning (Liu et al. 2021), prefix tuning (Li and Liang 2021).
enum class AdapterKind { Lora, AdaLora, Ia3, Prompt, Prefix };

// A value for the modules whose names match: "rank_pattern" and "alpha_pattern".
struct AdapterPattern {
    std::string pattern;  // a regular expression for the end of the name
    double value = 0.0;
};

// What adapter_config.json says about the arithmetic; what the tensors say themselves is left out.
struct AdapterConfig {
    AdapterKind kind = AdapterKind::Lora;
    std::int64_t rank = 0;  // LoRA, for modules without a pattern
    double alpha = 0.0;
    std::vector<AdapterPattern> rankPatterns, alphaPatterns;
    bool isRankStabilized = false;   // scaled by alpha/sqrt(rank) (Kalajdzievski 2023)
    bool isDora = false;             // rows have a length of their own (Liu et al. 2024)
    std::int64_t virtualTokens = 0;  // of a prompt or prefix

    // Of a module of the base model ("model.layers.0.self_attn.q_proj"). Throw Error(InputFile),
    // naming `what`, if patterns contradict each other or do not compile.
    std::int64_t rankOf(const std::string& module, const std::string& what) const;
    double alphaOf(const std::string& module, const std::string& what) const;
};

// An opened adapter: tensors are mapped, not copied. Immutable; thread-safe.
class AdapterFolder {
public:
    // Throws Error(InputFile) for a folder that is none, a value out of range or a damaged file;
    // Error(Unsupported), by name, for a kind of adapter or an option outside this program and for
    // pickled weights.
    static AdapterFolder open(const std::filesystem::path& folder);

    const AdapterConfig& config() const { return m_config; }
    const std::map<std::string, StoredTensor, std::less<>>& tensors() const { return m_tensors; }
    std::string configFile() const;  // for messages
    std::string weightsFile() const;

    // Both files with the SHA-256 of their bytes. Reads all bytes.
    std::vector<FileDigest> digests() const;

private:
    std::filesystem::path m_folder;
    AdapterConfig m_config;
    std::vector<std::shared_ptr<const MappedFile>> m_files;
    std::map<std::string, StoredTensor, std::less<>> m_tensors;
};

}  // namespace driftlens
