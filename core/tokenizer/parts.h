// Everything a tokenizer is made of, whatever file it came from.
#pragma once

#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/model.h"
#include "core/tokenizer/post_processor.h"
#include "core/tokenizer/stages.h"
#include "core/tokenizer/tokenizer.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

struct TokenizerParts {
    Normalizer normalizer;
    PreTokenizer preTokenizer;
    std::unique_ptr<TokenModel> model;
    PostProcessor postProcessor;
    Decoder decoder;
    std::vector<AddedToken> added;
    std::optional<Truncation> truncation;
    std::optional<Padding> padding;
    SpecialTokenIds roles;  // those that are known; others are guessed by their usual texts
    std::map<std::string, std::string> chatTemplates;
};

// From the members of a tokenizer.json, except its model.
TokenizerParts partsOf(const JsonObject& config, std::unique_ptr<TokenModel> model);

// From the text of a tokenizer.json.
TokenizerParts readTokenizerJson(std::string_view json, const std::string& what);

TokenizerParts partsOfGguf(const GgufVocabulary& vocabulary, const std::string& what);

// Cuts the lists of one or two texts so that, with `added` more tokens, they keep to the maximum.
// Throws Error(Usage) if the text to be cut is too short, or is not there.
void truncate(TokenLists& lists, const Truncation& truncation, std::size_t added);

void pad(std::vector<TokenizedInput>& inputs, const Padding& padding);

// {"direction", "max_length", "strategy", "stride"} and {"strategy", "direction", …}.
std::optional<Truncation> readTruncation(const JsonObject& config);
std::optional<Padding> readPadding(const JsonObject& config);

}  // namespace driftlens
