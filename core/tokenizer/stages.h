// The stages of a tokenizer.json, each an immutable object made from its JSON.
#pragma once

#include "core/base/json.h"
#include "core/tokenizer/units.h"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace driftlens {

// Normalizer: text in, text out, ranges kept.
using Normalizer = std::function<Units(Units)>;

// Pre-tokenizer: splits pieces further. isFirst marks the piece that begins the text.
using PreTokenizer = std::function<std::vector<Units>(std::vector<Units>)>;

// Decoder: pieces in, pieces out; the result is their concatenation.
using Decoder = std::function<std::vector<std::string>(std::vector<std::string>)>;

using Vocabulary = std::unordered_map<std::string, std::int64_t>;

// A word of the pre-tokenizer to pieces of the vocabulary.
class TokenModel {
public:
    virtual ~TokenModel() = default;
    virtual std::vector<Piece> tokenize(const Units& word) const = 0;
    virtual const Vocabulary& vocabulary() const = 0;
    virtual std::string_view type() const = 0;
};

// What the post-processor adds around a single text.
struct Template {
    std::vector<std::pair<std::int64_t, std::string>> prefix, suffix;
    bool trimOffsets = false;
};

// Each throws Error(InputFile) for a malformed component, Error(Unsupported) for an unknown type.
// `config` may be null where the stage is absent.
Normalizer makeNormalizer(const Json& config, const std::string& what);
PreTokenizer makePreTokenizer(const Json& config, const std::string& what);
std::unique_ptr<TokenModel> makeTokenModel(const Json& config, const std::string& what);
Template makeTemplate(const Json& config, const std::string& what);
Decoder makeDecoder(const Json& config, const std::string& what);

// GPT-2's printable stand-in of a byte, and back (-1: none).
char32_t byteToPoint(std::uint8_t byte);
int pointToByte(char32_t point);

// The id of a byte-fallback piece "<0x0A>", or -1 if the text is none.
int fallbackByte(std::string_view piece);

}  // namespace driftlens
