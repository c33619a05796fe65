// What is done with every tokenizer that a fuzz target was given.
#pragma once

#include "core/tokenizer/tokenizer.h"
#include "tests/fuzz/fuzzing.h"

namespace driftlens::fuzz {

inline void requireSound(const TokenizedInput& input, const Tokenizer& tokenizer) {
    for (const Token& token : input.tokens) {
        require(token.id >= 0 && token.id < tokenizer.vocabularySize(), "ids are below the size");
        const std::string& text = token.sequence == 0 ? input.text : input.pairText;
        require(!token.bytes ||
                    (token.bytes->begin <= token.bytes->end && token.bytes->end <= text.size()),
                "byte ranges lie in the text");
    }
}

// Takes a small text apart and puts it together. Ids that only the post-processor knows may be
// refused.
inline void useTokenizer(const Tokenizer& tokenizer) {
    const std::string text = "Not bad at  all, <s>été№½ 2024\r\n ▁abab";
    const TokenizedInput input = tokenizer.encode(text);
    requireSound(input, tokenizer);
    requireSound(tokenizer.encodePair(text, "b a", {true, false}), tokenizer);
    tokenizer.decode(input.ids());
    tokenizer.decode(input.ids(), true);
}

}  // namespace driftlens::fuzz
