// A checkpoint folder in the Hugging Face layout: config.json, weights (one file or shards), and
// the files beside them.
#pragma once

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/files/safetensors.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// A file of a checkpoint and the digest of the bytes that were mapped.
struct FileDigest {
    std::string name;  // relative to the folder
    std::uint64_t size = 0;
    Sha256 digest{};
};

// An opened checkpoint: config and every stored tensor, mapped, not copied. Immutable; thread-safe.
class Checkpoint {
public:
    // Opens a folder with config.json and model.safetensors or model.safetensors.index.json. Throws
    // Error(InputFile) if it is not a model folder, a shard is missing or lies outside the folder,
    // a tensor appears twice or is only in the index; Error(Unsupported) for pickled weights (.bin,
    // .pt), which are refused by name.
    static Checkpoint open(const std::filesystem::path& folder);

    const std::filesystem::path& folder() const { return m_folder; }
    const Json& config() const { return m_config; }
    const std::map<std::string, StoredTensor, std::less<>>& tensors() const { return m_tensors; }
    const StoredTensor* find(std::string_view name) const;  // nullptr if absent

    // Every file the model is made of (config, weights, tokenizer files, in sorted order) with the
    // SHA-256 of its bytes; weights are hashed through the same map the tensors are read from.
    // Reads all bytes: call it once, when a run is logged or inspected.
    std::vector<FileDigest> digests() const;

private:
    std::filesystem::path m_folder;
    Json m_config;
    std::vector<std::shared_ptr<const MappedFile>> m_weightFiles;
    std::map<std::string, StoredTensor, std::less<>> m_tensors;
};

// SHA-256 over the sorted list "name size digest\n": one digest for a whole checkpoint.
Sha256 manifestDigest(const std::vector<FileDigest>& files);

}  // namespace driftlens
