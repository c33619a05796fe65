// What a path names: a checkpoint folder or a GGUF file, opened once.
#pragma once

#include "core/files/checkpoint.h"
#include "core/tokenizer/tokenizer.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace driftlens {

class GgufFile;
struct LoadedModel;

// An opened model with its tokenizer; weights stay mapped. Immutable; thread-safe.
class ModelSource {
public:
    // Throws Error(InputFile) if the path is neither, and as Checkpoint::open, GgufFile::open,
    // loadModel and Tokenizer do.
    static std::shared_ptr<const ModelSource> open(const std::filesystem::path& path);
    virtual ~ModelSource();

    const LoadedModel& loaded() const { return *m_loaded; }

    // Never null. Where the path has no tokenizer, one that knows ids alone, and the reason here;
    // else the reason is empty.
    const std::shared_ptr<const Tokenizer>& tokenizer() const { return m_tokenizer; }
    const std::string& whyNoTexts() const { return m_whyNoTexts; }

    // Every file that the model is made of, hashed as it is mapped. Reads all bytes.
    virtual std::vector<FileDigest> digests() const = 0;

    // One of the two is null.
    virtual const Checkpoint* checkpoint() const { return nullptr; }
    virtual const GgufFile* gguf() const { return nullptr; }

protected:
    explicit ModelSource(LoadedModel loaded);
    void readTokenizer(const std::filesystem::path& folder);
    void setTokenizer(std::shared_ptr<const Tokenizer> tokenizer);

private:
    std::unique_ptr<const LoadedModel> m_loaded;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::string m_whyNoTexts;
};

// The tokenizer of a path, without its weights. Throws as ModelSource::open does, and
// Error(InputFile) where there is none.
std::shared_ptr<const Tokenizer> openTokenizer(const std::filesystem::path& path);

}  // namespace driftlens
