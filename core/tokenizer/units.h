// Text on its way through a tokenizer: code points that remember where they came from.
#pragma once

#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// A code point and the byte range of the original text that it stands for. Insertions take the
// range of their neighbour, so ranges survive every normalisation.
struct Unit {
    char32_t point = 0;
    ByteRange source;
};
using Units = std::vector<Unit>;

// A piece of the vocabulary found in the text.
struct Piece {
    std::int64_t id = 0;
    std::string text;
    ByteRange source;
};

Units toUnits(std::string_view utf8, std::size_t firstByte = 0);  // utf8 must be well-formed
void appendUtf8(char32_t point, std::string& out);
std::string toUtf8(const Units& units);
std::u32string toPoints(std::string_view utf8);

bool isSpacePoint(char32_t point);        // Unicode White_Space
bool isPunctuationPoint(char32_t point);  // ASCII punctuation or Unicode P*

}  // namespace driftlens
