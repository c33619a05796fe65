#include "engine/variants/model_source.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/files/gguf.h"
#include "core/model/loader.h"
#include "core/tokenizer/read_gguf_vocabulary.h"

#include <algorithm>
#include <system_error>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

bool isGguf(const fs::path& path) {
    std::error_code status;
    return fs::is_regular_file(path, status) && path.extension() == ".gguf";
}

void requireThere(const fs::path& path) {
    std::error_code status;
    if (!fs::exists(path, status))
        throw Error(ErrorKind::InputFile, path.string() + ": no such file or folder");
}

bool hasTokenizerFiles(const fs::path& folder) {
    std::error_code status;
    constexpr const char* kFiles[] = {"tokenizer.json", "vocab.txt", "vocab.json",
                                      "tokenizer.model"};
    return std::any_of(std::begin(kFiles), std::end(kFiles),
                       [&](const char* name) { return fs::exists(folder / name, status); });
}

// Pieces "#0", "#1", …: for models whose ids are all that is known.
std::shared_ptr<const Tokenizer> idsOnly(std::int64_t vocabularySize) {
    Json pieces = Json::object();
    for (std::int64_t id = 0; id < vocabularySize; ++id) pieces["#" + std::to_string(id)] = id;
    const Json tokenizer = {
        {"model", {{"type", "WordLevel"}, {"vocab", pieces}, {"unk_token", "#0"}}}};
    return Tokenizer::fromJson(tokenizer.dump(), "ids");
}

class FolderSource final : public ModelSource {
public:
    explicit FolderSource(const fs::path& folder) : FolderSource(Checkpoint::open(folder)) {}

    std::vector<FileDigest> digests() const override { return m_checkpoint.digests(); }
    const Checkpoint* checkpoint() const override { return &m_checkpoint; }

private:
    explicit FolderSource(Checkpoint checkpoint)
        : ModelSource(loadModel(checkpoint)), m_checkpoint(std::move(checkpoint)) {
        readTokenizer(m_checkpoint.folder());
    }

    Checkpoint m_checkpoint;
};

class GgufSource final : public ModelSource {
public:
    explicit GgufSource(const fs::path& path) : GgufSource(GgufFile::open(path)) {}

    std::vector<FileDigest> digests() const override {
        std::vector<FileDigest> out;
        for (const auto& file : m_file.files()) {
            out.push_back(
                {file->path().filename().string(), file->bytes().size(), sha256(file->bytes())});
        }
        return out;
    }
    const GgufFile* gguf() const override { return &m_file; }

private:
    explicit GgufSource(GgufFile file) : ModelSource(loadModel(file)), m_file(std::move(file)) {
        setTokenizer(Tokenizer::fromGgufVocabulary(readGgufVocabulary(m_file.metadata()),
                                                   m_file.files().front()->path().string()));
    }

    GgufFile m_file;
};

}  // namespace

ModelSource::ModelSource(LoadedModel loaded)
    : m_loaded(std::make_unique<const LoadedModel>(std::move(loaded))) {}
ModelSource::~ModelSource() = default;

void ModelSource::readTokenizer(const fs::path& folder) {
    if (hasTokenizerFiles(folder)) {
        m_tokenizer = Tokenizer::load(folder);
        return;
    }
    m_tokenizer = idsOnly(m_loaded->model->spec().vocabularySize);
    m_whyNoTexts = folder.string() +
                   ": has neither tokenizer.json nor vocabulary files; give token ids with --ids";
}

void ModelSource::setTokenizer(std::shared_ptr<const Tokenizer> tokenizer) {
    m_tokenizer = std::move(tokenizer);
}

std::shared_ptr<const ModelSource> ModelSource::open(const fs::path& path) {
    requireThere(path);
    if (isGguf(path)) return std::make_shared<const GgufSource>(path);
    return std::make_shared<const FolderSource>(path);
}

std::shared_ptr<const Tokenizer> openTokenizer(const fs::path& path) {
    requireThere(path);
    if (!isGguf(path)) return Tokenizer::load(path);
    const GgufFile file = GgufFile::open(path);
    return Tokenizer::fromGgufVocabulary(readGgufVocabulary(file.metadata()), path.string());
}

}  // namespace driftlens
