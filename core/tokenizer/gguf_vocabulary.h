// A vocabulary as GGUF files (and SentencePiece's own) state it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Kinds of tokens, with the numbers that ggml and SentencePiece give them.
enum class GgufTokenType : std::int32_t {
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6
};

// The keys of `tokenizer.ggml.*` and `tokenizer.chat_template`; absent ones stay as they are here.
struct GgufVocabulary {
    std::string model;  // "llama", "gpt2", "bert" or "t5"
    std::string pre;    // of "gpt2": how words are cut; empty: "default"
    std::vector<std::string> tokens;
    std::vector<float> scores;             // "llama" and "t5": one per token
    std::vector<std::int32_t> tokenTypes;  // one per token, or none: all normal
    std::vector<std::string> merges;       // "gpt2": "left right"
    std::optional<std::int64_t> bos, eos, unknown, separator, padding, classification, mask;
    std::optional<bool> addsBos, addsEos, addsSpacePrefix;  // absent: as the model kind does
    bool removesExtraSpaces = false;
    std::string precompiledCharsmap;
    std::string chatTemplate;
};

// The values of `pre` that are known.
std::vector<std::string_view> ggufPreTokenizers();

}  // namespace driftlens
