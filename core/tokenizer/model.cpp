#include "core/tokenizer/model.h"

#include "core/tokenizer/component.h"

namespace driftlens {
namespace {

using Made = std::unique_ptr<TokenModel>;

Made bpe(const JsonObject& config, ModelTables tables) {
    if (!tables.hasMerges) malformed(config.what(), "merges is no list");
    BpeOptions options;
    options.unknown = config.string("unk_token", "");
    options.continuingPrefix = config.string("continuing_subword_prefix", "");
    options.wordSuffix = config.string("end_of_word_suffix", "");
    options.hasByteFallback = config.boolean("byte_fallback", false);
    options.fusesUnknown = config.boolean("fuse_unk", false);
    options.ignoresMerges = config.boolean("ignore_merges", false);
    return makeBpe(std::move(tables), options, config.what());
}

Made wordPiece(const JsonObject& config, ModelTables tables) {
    WordPieceOptions options;
    options.unknown = config.string("unk_token", "[UNK]");
    options.continuingPrefix = config.string("continuing_subword_prefix", "##");
    options.longestWord =
        static_cast<std::size_t>(config.integer("max_input_chars_per_word", 1, 1 << 20, 100));
    return makeWordPiece(std::move(tables.vocabulary), options);
}

Made unigram(const JsonObject& config, ModelTables tables) {
    if (!tables.isScored) malformed(config.what(), "vocab is no list of pieces and scores");
    UnigramOptions options;
    const auto last = static_cast<std::int64_t>(tables.scores.size()) - 1;
    options.unknownId =
        static_cast<std::int32_t>(config.integer("unk_id", 0, last, PieceTable::kNone));
    options.hasByteFallback = config.boolean("byte_fallback", false);
    return makeUnigram(std::move(tables.vocabulary), std::move(tables.scores), options,
                       config.what());
}

Made wordLevel(const JsonObject& config, ModelTables tables) {
    return makeWordLevel(std::move(tables.vocabulary), config.string("unk_token", "<unk>"));
}

struct ModelRow {
    std::string_view type;
    Made (*make)(const JsonObject& config, ModelTables tables);
};
constexpr ModelRow kModels[] = {
    {"BPE", &bpe}, {"Unigram", &unigram}, {"WordLevel", &wordLevel}, {"WordPiece", &wordPiece}};

// Old files have no type: only BPE has merges, only Unigram has scores, and WordPiece says how its
// words go on.
std::string_view guessedType(const JsonObject& config, const ModelTables& tables) {
    if (tables.hasMerges) return "BPE";
    if (tables.isScored) return "Unigram";
    const bool isWordPiece =
        config.has("continuing_subword_prefix") || config.has("max_input_chars_per_word");
    return isWordPiece ? "WordPiece" : "WordLevel";
}

}  // namespace

std::unique_ptr<TokenModel> makeTokenModel(const JsonObject& config, ModelTables tables) {
    const std::string type = config.string("type", guessedType(config, tables));
    std::string known;
    for (const ModelRow& row : kModels) {
        known += (known.empty() ? "" : ", ") + std::string(row.type);
        if (row.type != type) continue;
        if (!tables.hasVocabulary) malformed(config.what(), "vocab is missing");
        if (tables.vocabulary.size() == 0) malformed(config.what(), "vocab is empty");
        if (tables.isScored && type != "Unigram") malformed(config.what(), "vocab is no object");
        return row.make(config, std::move(tables));
    }
    throw Error(ErrorKind::Unsupported,
                config.what() + " " + inQuotes(type) + " is not supported; known: " + known);
}

std::vector<std::string_view> tokenModelTypes() {
    std::vector<std::string_view> out;
    for (const ModelRow& row : kModels) out.push_back(row.type);
    return out;
}

}  // namespace driftlens
