// Words and sentences of a text by Unicode's rules (Standard Annex 29), as ICU implements them.
#pragma once

#include "core/tokenizer/tokenizer.h"

#include <string_view>
#include <vector>

namespace driftlens {

// In ascending order, without overlap. Every character that is not white space is in one of them;
// white space around them is in none. Punctuation stands for itself; Chinese, Japanese, Thai and
// the like are cut by ICU's dictionaries. `text` is well-formed UTF-8.
std::vector<ByteRange> wordsOf(std::string_view text);
std::vector<ByteRange> sentencesOf(std::string_view text);

// The range without the white space at its ends; empty, at its end, if there is nothing else.
ByteRange withoutOuterSpace(std::string_view text, ByteRange range);

}  // namespace driftlens
