// Tokenizers of folders that have no tokenizer.json: the vocabulary files of older checkpoints,
// turned into the tokenizer.json that their class in transformers would make of them.
#pragma once

#include "core/base/json.h"
#include "core/tokenizer/gguf_vocabulary.h"

#include <filesystem>
#include <optional>
#include <string_view>

namespace driftlens {

// vocab.txt, a piece per line: WordPiece with BERT's normaliser, [CLS] … [SEP] around the text.
// Throws Error(InputFile) for a file without pieces.
Json bertTokenizerJson(const std::filesystem::path& vocabulary, bool isLowercase);

// vocab.json and merges.txt (with or without its #version line): byte-level BPE.
struct ByteLevelOptions {
    std::string_view pattern;    // splits words; empty: GPT-2's
    bool normalizesNfc = false;  // Qwen2
    // Llama 3: a word that is in the vocabulary is not merged.
    bool ignoresMerges = false;
    bool addsPrefixSpace = false;
};
Json byteLevelTokenizerJson(const std::filesystem::path& vocabulary,
                            const std::filesystem::path& merges, const ByteLevelOptions& options);

// Qwen2's word pattern: Llama 3's with single digits.
extern const std::string_view kQwen2Pattern;
extern const std::string_view kLlama3Pattern;

// For the class that tokenizer_config.json names (BERT's where it names none and only vocab.txt is
// there). Nothing if the folder has none of these files; Error(Unsupported), by name, for another
// class.
std::optional<Json> tokenizerJsonOfFolder(const std::filesystem::path& folder);

// tokenizer.model or spiece.model of a folder, with the special tokens that its class adds. Nothing
// if there is none; Error(Unsupported), by name, for a class that numbers the pieces anew.
std::optional<GgufVocabulary> sentencePieceOfFolder(const std::filesystem::path& folder);

}  // namespace driftlens
