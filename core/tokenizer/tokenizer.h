// Text to token ids and back, as a Hugging Face tokenizer.json says, with byte ranges into the
// original text that survive normalisation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Half-open range of bytes in the UTF-8 prompt.
struct ByteRange {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool operator==(const ByteRange&) const = default;
};

// One token of an input. `text` is the vocabulary piece ("▁the", "##ing", "Ġthe"); `bytes` is empty
// for tokens that the post-processor added and for ids given without text.
struct Token {
    std::int64_t id = 0;
    std::string text;
    std::optional<ByteRange> bytes;
    bool isSpecial = false;
    std::int64_t typeId = 0;  // segment, for families with token types
};

// A vocabulary piece as people read it: byte-level pieces as the text they stand for, the marks of
// spaces as spaces. "##ing" stays as it is.
std::string readablePiece(std::string_view piece);

// A prompt as the model sees it. `text` is empty if the input was given as ids.
struct TokenizedInput {
    std::string text;
    std::vector<Token> tokens;

    std::vector<std::int64_t> ids() const;
};

// Ids with a role; absent where the tokenizer has no such token.
struct SpecialTokenIds {
    std::optional<std::int64_t> bos, eos, unknown, separator, padding, classification, mask;
};

// An immutable, thread-safe tokenizer.
class Tokenizer {
public:
    // Reads tokenizer.json, or the vocabulary files of older checkpoints (and
    // tokenizer_config.json, special_tokens_map.json for the roles of special tokens) of a
    // checkpoint folder. Throws Error(InputFile) for a malformed file, naming component and value;
    // Error(Unsupported) for a component that is not built, by its type.
    static std::shared_ptr<const Tokenizer> load(const std::filesystem::path& folder);

    // From the text of a tokenizer.json alone; `what` names it in messages.
    static std::shared_ptr<const Tokenizer> fromJson(std::string_view json, std::string_view what);

    ~Tokenizer();
    Tokenizer(const Tokenizer&) = delete;
    Tokenizer& operator=(const Tokenizer&) = delete;

    // Throws Error(Usage) if the text is not valid UTF-8. Truncation of tokenizer.json is not
    // applied: a prompt that is too long is an error of the caller, never cut silently.
    TokenizedInput encode(std::string_view text, bool addSpecialTokens = true) const;

    // Ids given directly. Throws Error(Usage) for an id outside the vocabulary.
    TokenizedInput fromIds(std::span<const std::int64_t> ids) const;

    std::string decode(std::span<const std::int64_t> ids, bool skipSpecialTokens = false) const;

    std::optional<std::int64_t> idOf(std::string_view piece) const;
    std::optional<std::string> pieceOf(std::int64_t id) const;
    std::int64_t vocabularySize() const;  // largest id + 1, added tokens included
    const SpecialTokenIds& specialTokens() const;
    std::string_view modelType() const;  // "BPE", "WordPiece", "Unigram"

private:
    struct State;
    explicit Tokenizer(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace driftlens
