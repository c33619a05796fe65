// The models of a tokenizer: a word of the pre-tokenizer to pieces of the vocabulary.
#pragma once

#include "core/base/json.h"
#include "core/tokenizer/piece_table.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// A piece found in a word.
struct ModelPiece {
    std::int32_t id = 0;
    std::uint32_t begin = 0, end = 0;  // bytes of the word
    bool showsSurface = false;         // its text is that of the word, not that of the vocabulary
};

// Immutable and thread-safe.
class TokenModel {
public:
    virtual ~TokenModel() = default;

    // Appends the pieces of a word (not empty) to `out`. Throws Error(InputFile) if the word needs
    // an unknown token that the vocabulary does not have.
    virtual void tokenize(std::string_view word, std::vector<ModelPiece>& out) const = 0;
    virtual const PieceTable& vocabulary() const = 0;
    virtual std::string_view type() const = 0;
};

// The large members of a model, kept apart from the JSON that names them.
struct ModelTables {
    PieceTable vocabulary;
    std::vector<double> scores;             // Unigram: one per piece, ids are 0, 1, …
    std::string mergeText;                  // all left and right sides, one after the other
    std::vector<std::uint32_t> mergeSizes;  // left, right, left, right, …
    bool hasVocabulary = false, isScored = false, hasMerges = false;
};

// `config` is the model without its "vocab" and "merges". Throws Error(InputFile) for a malformed
// model, Error(Unsupported) for an unknown type. A missing type is guessed by the keys.
std::unique_ptr<TokenModel> makeTokenModel(const JsonObject& config, ModelTables tables);
std::vector<std::string_view> tokenModelTypes();

struct BpeOptions {
    std::string unknown, continuingPrefix, wordSuffix;  // empty: none
    bool hasByteFallback = false, fusesUnknown = false, ignoresMerges = false;
};
// Byte-pair encoding by the rank of merges (Sennrich et al. 2016).
std::unique_ptr<TokenModel> makeBpe(ModelTables tables, const BpeOptions& options,
                                    const std::string& what);

// Byte-pair encoding by the score of the joined piece, with byte fallback (SentencePiece, ggml's
// "llama" vocabularies). `scores` is indexed by id.
std::unique_ptr<TokenModel> makeScoredBpe(PieceTable vocabulary, std::vector<float> scores,
                                          std::int32_t unknownId, const std::string& what);

struct WordPieceOptions {
    std::string unknown = "[UNK]", continuingPrefix = "##";
    std::size_t longestWord = 100;  // code points
};
// Greedy longest match first (Schuster and Nakajima 2012).
std::unique_ptr<TokenModel> makeWordPiece(PieceTable vocabulary, const WordPieceOptions& options);

struct UnigramOptions {
    std::int32_t unknownId = PieceTable::kNone;
    bool hasByteFallback = false;
    std::vector<bool> leftOut;  // ids that no text becomes; may be empty: none
};
// The likeliest segmentation (Kudo 2018) by Viterbi's algorithm.
std::unique_ptr<TokenModel> makeUnigram(PieceTable vocabulary, std::vector<double> scores,
                                        const UnigramOptions& options, const std::string& what);

// Whole words only.
std::unique_ptr<TokenModel> makeWordLevel(PieceTable vocabulary, const std::string& unknown);

}  // namespace driftlens
