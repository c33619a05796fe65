// The stages of a tokenizer, each an immutable object made from its JSON.
#pragma once

#include "core/base/json.h"
#include "core/tokenizer/aligned_text.h"
#include "core/tokenizer/model.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace driftlens {

// Text in, text out, sources kept.
using Normalizer = std::function<void(AlignedText&)>;

// Cuts pieces further, and may rewrite them; pieces that are added tokens stay as they are.
using PreTokenizer = std::function<void(CutText&)>;

// Pieces in, pieces out; the result is their concatenation.
using Decoder = std::function<std::vector<std::string>(std::vector<std::string>)>;

// Each throws Error(InputFile) for a malformed component, Error(Unsupported) for an unknown type.
// `config` may be null where the stage is absent.
Normalizer makeNormalizer(const Json& config, const std::string& what);
PreTokenizer makePreTokenizer(const Json& config, const std::string& what);
Decoder makeDecoder(const Json& config, const std::string& what);

// The types that each of these knows.
std::vector<std::string_view> normalizerTypes();
std::vector<std::string_view> preTokenizerTypes();
std::vector<std::string_view> decoderTypes();

// Unicode normalisation: "NFC", "NFD", "NFKC" or "NFKD".
void normalizeForm(AlignedText& text, std::string_view form);

// SentencePiece's own normalisation: its table on the longest prefixes, then white space.
struct SentencePieceRules {
    std::string charsmap;  // the bytes of a precompiled table; may be empty
    bool removesExtraSpaces = true;
    bool addsDummyPrefix = true;
};
// Throws Error(InputFile), naming `what`, for a malformed table.
Normalizer makeSentencePieceNormalizer(const SentencePieceRules& rules, const std::string& what);

// GPT-2's printable stand-in of a byte, and back (-1: none).
char32_t byteToPoint(std::uint8_t byte);
int pointToByte(char32_t point);

// The byte of a byte-fallback piece "<0x0A>" and back; -1 if the text is none.
int fallbackByte(std::string_view piece);
std::string fallbackPiece(std::uint8_t byte);

// Ill-formed UTF-8 becomes U+FFFD, one per maximal ill-formed part (Unicode 3.9, practice U+FFFD).
std::string repairUtf8(std::string_view bytes);

}  // namespace driftlens
