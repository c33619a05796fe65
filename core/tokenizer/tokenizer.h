// Text to token ids and back, as a Hugging Face tokenizer.json says, with byte ranges into the
// original text that survive normalisation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
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
// for tokens that the post-processor or padding added and for ids given without text.
struct Token {
    std::int64_t id = 0;
    std::string text;
    std::optional<ByteRange> bytes;
    bool isSpecial = false;
    std::int64_t typeId = 0;   // segment, for families with token types
    std::size_t sequence = 0;  // which of two texts `bytes` counts in
    bool isInserted = false;   // by the post-processor or as padding: the special-tokens mask
    bool isPadding = false;
};

// A vocabulary piece as people read it: byte-level pieces as the text they stand for, the marks of
// spaces as spaces. "##ing" stays as it is.
std::string readablePiece(std::string_view piece);

// A prompt as the model sees it. `text` is empty if the input was given as ids, `pairText` unless
// there were two texts.
struct TokenizedInput {
    std::string text;
    std::vector<Token> tokens;
    std::string pairText;

    // One entry per token. Attention is 0 at padding, the special-tokens mask 1 at inserted tokens.
    std::vector<std::int64_t> ids() const;
    std::vector<std::int64_t> typeIds() const;
    std::vector<std::int64_t> attentionMask() const;
    std::vector<std::int64_t> specialTokensMask() const;
};

// The range in code points instead of bytes. `text` is well-formed UTF-8 and holds the range.
ByteRange codePointRange(std::string_view text, ByteRange bytes);

struct EncodeOptions {
    bool addsSpecialTokens = true;
    // Whether "<|endoftext|>" in the text is that token; if not, it is text like any other. Added
    // tokens that are not special are found in any case.
    bool findsSpecialTokens = true;
};

enum class Side { Left, Right };

// How an input is cut. Lengths count special tokens.
struct Truncation {
    enum class Strategy { LongestFirst, OnlyFirst, OnlySecond };  // which of two texts
    std::size_t maxLength = 512;
    Strategy strategy = Strategy::LongestFirst;
    Side side = Side::Right;  // where tokens are cut off
    std::size_t stride = 0;   // declared overlap of windows; only the first window is made here
};

// How inputs are brought to one length.
struct Padding {
    std::optional<std::size_t> fixedLength;  // absent: that of the longest input
    std::size_t multipleOf = 1;              // the length is rounded up to a multiple
    Side side = Side::Right;                 // where padding is put
    std::int64_t id = 0, typeId = 0;
    std::string piece = "[PAD]";
};

struct TextPair {
    std::string first;
    std::optional<std::string> second;
};

struct BatchOptions {
    EncodeOptions encode;
    std::optional<Truncation> truncation;  // absent: nothing is cut
    std::optional<Padding> padding;        // absent: nothing is padded
};

struct GgufVocabulary;
struct TokenizerParts;

// Ids with a role; absent where the tokenizer has no such token.
struct SpecialTokenIds {
    std::optional<std::int64_t> bos, eos, unknown, separator, padding, classification, mask;
};

// An immutable, thread-safe tokenizer.
class Tokenizer {
public:
    // Reads tokenizer.json, or the vocabulary files of older checkpoints (and
    // tokenizer_config.json, special_tokens_map.json for the roles of special tokens,
    // chat_template.jinja) of a checkpoint folder. Throws Error(InputFile) for a malformed file,
    // naming component and value; Error(Unsupported) for a component that is not built, by its
    // type.
    static std::shared_ptr<const Tokenizer> load(const std::filesystem::path& folder);

    // From the text of a tokenizer.json alone; `what` names it in messages.
    static std::shared_ptr<const Tokenizer> fromJson(std::string_view json, std::string_view what);

    // From the metadata of a GGUF file; `what` names it in messages. Throws Error(InputFile) for a
    // vocabulary that contradicts itself, Error(Unsupported) for a model or a rule of
    // pre-tokenization that is not built, by its name.
    static std::shared_ptr<const Tokenizer> fromGgufVocabulary(const GgufVocabulary& vocabulary,
                                                               std::string_view what = "GGUF");

    ~Tokenizer();
    Tokenizer(const Tokenizer&) = delete;
    Tokenizer& operator=(const Tokenizer&) = delete;

    // Throws Error(Usage) if the text is not valid UTF-8 or has 4 GiB and more. Truncation and
    // padding of tokenizer.json are not applied: a prompt that is too long is an error of the
    // caller, never cut silently.
    TokenizedInput encode(std::string_view text, bool addSpecialTokens = true) const;
    TokenizedInput encode(std::string_view text, const EncodeOptions& options) const;

    // Two texts in one input, as the post-processor joins them.
    TokenizedInput encodePair(std::string_view first, std::string_view second,
                              const EncodeOptions& options = {}) const;

    // One input per text, cut and padded as the options say (declaredTruncation() and
    // declaredPadding() give those of the file). Throws Error(Usage) if what is to be cut is too
    // short for it.
    std::vector<TokenizedInput> encodeBatch(std::span<const std::string> texts,
                                            const BatchOptions& options = {}) const;
    std::vector<TokenizedInput> encodeBatch(std::span<const TextPair> texts,
                                            const BatchOptions& options = {}) const;
    const std::optional<Truncation>& declaredTruncation() const;
    const std::optional<Padding>& declaredPadding() const;

    // Ids given directly. Throws Error(Usage) for an id outside the vocabulary.
    TokenizedInput fromIds(std::span<const std::int64_t> ids) const;

    std::string decode(std::span<const std::int64_t> ids, bool skipSpecialTokens = false) const;

    std::optional<std::int64_t> idOf(std::string_view piece) const;
    std::optional<std::string> pieceOf(std::int64_t id) const;
    std::int64_t vocabularySize() const;  // largest id + 1, added tokens included
    const SpecialTokenIds& specialTokens() const;
    std::string_view modelType() const;  // "BPE", "WordPiece", "Unigram", "WordLevel"

    // Name to text of tokenizer_config.json's and chat_template.jinja's templates ("default" where
    // there is one without a name). Shown, never executed.
    const std::map<std::string, std::string>& chatTemplates() const;

private:
    struct State;
    explicit Tokenizer(std::unique_ptr<State> state);
    static std::shared_ptr<Tokenizer> make(TokenizerParts parts, const std::string& what);
    TokenizedInput finish(std::vector<std::vector<Token>> lists, TokenizedInput input,
                          bool addsSpecial) const;
    TokenizedInput encodeTexts(const TextPair& texts, const EncodeOptions& options,
                               const std::optional<Truncation>& truncation) const;
    std::unique_ptr<State> m_state;
};

}  // namespace driftlens
