#include "core/files/checkpoint.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <set>
#include <system_error>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSingleFile = "model.safetensors";
constexpr std::string_view kIndexFile = "model.safetensors.index.json";

// Files beside the weights that decide what a model does: hashed where they exist.
constexpr std::array<std::string_view, 9> kSideFiles = {"config.json",
                                                        "driftlens_recipe.json",
                                                        "generation_config.json",
                                                        "merges.txt",
                                                        "special_tokens_map.json",
                                                        "tokenizer.json",
                                                        "tokenizer_config.json",
                                                        "vocab.json",
                                                        "vocab.txt"};

// Pickled weights run code when they are read.
constexpr std::array<std::string_view, 5> kPickled = {".bin", ".pt", ".pth", ".ckpt", ".h5"};

[[noreturn]] void fail(const fs::path& where, const std::string& message) {
    throw Error(ErrorKind::InputFile, where.string() + ": " + message);
}

bool isThere(const fs::path& file) {
    std::error_code status;
    return fs::exists(file, status);
}

void checkIsModelFolder(const fs::path& folder) {
    std::error_code status;
    if (!fs::exists(folder, status)) fail(folder, "no such file or folder");
    if (!fs::is_directory(folder, status)) {
        if (folder.extension() == ".gguf") {
            throw Error(ErrorKind::Unsupported,
                        folder.string() + ": GGUF files are not supported yet");
        }
        fail(folder, "is not a model folder");
    }
    if (!isThere(folder / "config.json"))
        fail(folder, "is not a model folder: it has no config.json");
}

[[noreturn]] void failWithoutWeights(const fs::path& folder) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string extension = entry.path().extension().string();
        if (std::find(kPickled.begin(), kPickled.end(), extension) != kPickled.end()) {
            throw Error(ErrorKind::Unsupported,
                        entry.path().string() +
                            ": pickled weights can run code and are refused; convert them to "
                            "safetensors in a place you trust");
        }
    }
    fail(folder, "is not a model folder: it has neither " + std::string(kSingleFile) + " nor " +
                     std::string(kIndexFile));
}

// A shard must lie in the folder itself, under its plain name; links out of it are refused too.
fs::path shardPath(const fs::path& folder, const std::string& name) {
    const fs::path plain(name);
    if (name.empty() || plain.filename() != plain || name == "." || name == ".." ||
        name.find('\\') != std::string::npos || name.find('\0') != std::string::npos) {
        fail(folder / kIndexFile, "shard " + inQuotes(name) + " is not a plain file name");
    }
    const fs::path file = folder / plain;
    if (!isThere(file)) fail(file, "the index names this shard, but it is missing");
    std::error_code status;
    const fs::path real = fs::canonical(file, status);
    const fs::path home = fs::canonical(folder, status);
    // Model caches link every file of a folder to a store; a shard elsewhere alone is an attack.
    const bool isCacheLink = fs::is_symlink(folder / "config.json", status);
    if (real.parent_path() != home && !isCacheLink) {
        fail(file, "the shard is a link out of the model folder");
    }
    return file;
}

}  // namespace

Checkpoint Checkpoint::open(const fs::path& folder) {
    checkIsModelFolder(folder);
    Checkpoint out;
    out.m_folder = folder;
    out.m_config = readJsonFile(folder / "config.json", {std::size_t{16} << 20, 64});
    if (!out.m_config.is_object()) fail(folder / "config.json", "is no JSON object");

    std::map<std::string, std::string> indexed;  // tensor → shard
    std::set<std::string> shards;
    if (isThere(folder / kSingleFile)) {
        shards.insert(std::string(kSingleFile));
    } else if (isThere(folder / kIndexFile)) {
        const Json index = readJsonFile(folder / kIndexFile);
        const JsonObject map =
            JsonObject(index, (folder / kIndexFile).string()).object("weight_map");
        for (const auto& [tensor, shard] : map.value().items()) {
            if (!shard.is_string()) fail(folder / kIndexFile, inQuotes(tensor) + " names no file");
            indexed[tensor] = shard.get<std::string>();
            shards.insert(indexed[tensor]);
        }
        if (shards.empty()) fail(folder / kIndexFile, "weight_map is empty");
    } else {
        failWithoutWeights(folder);
    }

    std::map<std::string, std::string> foundIn;
    for (const std::string& shard : shards) {
        const fs::path path = shardPath(folder, shard);
        out.m_weightFiles.push_back(MappedFile::open(path));
        for (StoredTensor& tensor : readSafetensors(out.m_weightFiles.back()).tensors) {
            const auto [where, isNew] = foundIn.emplace(tensor.name, shard);
            if (!isNew) {
                fail(path, "tensor " + inQuotes(tensor.name) + " is also in " + where->second);
            }
            std::string name = tensor.name;
            out.m_tensors.emplace(std::move(name), std::move(tensor));
        }
    }
    for (const auto& [tensor, shard] : indexed) {
        const auto found = foundIn.find(tensor);
        if (found == foundIn.end() || found->second != shard) {
            fail(folder / kIndexFile, "tensor " + inQuotes(tensor) + " is not in " + shard);
        }
    }
    return out;
}

const StoredTensor* Checkpoint::find(std::string_view name) const {
    const auto found = m_tensors.find(name);
    return found == m_tensors.end() ? nullptr : &found->second;
}

std::vector<FileDigest> Checkpoint::digests() const {
    std::vector<std::shared_ptr<const MappedFile>> files = m_weightFiles;
    if (isThere(m_folder / kIndexFile)) files.push_back(MappedFile::open(m_folder / kIndexFile));
    for (const std::string_view name : kSideFiles) {
        if (isThere(m_folder / name)) files.push_back(MappedFile::open(m_folder / name));
    }
    std::vector<FileDigest> out;
    for (const auto& file : files) {
        out.push_back(
            {file->path().filename().string(), file->bytes().size(), sha256(file->bytes())});
    }
    std::sort(out.begin(), out.end(),
              [](const FileDigest& a, const FileDigest& b) { return a.name < b.name; });
    return out;
}

Sha256 manifestDigest(const std::vector<FileDigest>& files) {
    std::string text;
    for (const FileDigest& file : files) {
        text += file.name + " " + std::to_string(file.size) + " " + toHex(file.digest) + "\n";
    }
    return sha256(text);
}

}  // namespace driftlens
