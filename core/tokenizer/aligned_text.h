// Text on its way through a tokenizer: UTF-8 whose every byte remembers where it came from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Half-open range of bytes of the original text that a normalised byte stands for.
struct Span {
    std::uint32_t begin = 0, end = 0;
};

// A code point to put in place, and how it relates to the text it replaces: 0 takes the place of
// the next code point, n > 0 is inserted (and takes the source of the one before), -n takes the
// place of the next code point and drops the n after it.
struct Change {
    char32_t point = 0;
    int change = 0;
};

// `spans` has one entry per byte of `text`; the bytes of a code point share theirs.
struct AlignedText {
    std::string text;
    std::vector<Span> spans;

    // Well-formed UTF-8 that begins at byte `at` of the original.
    static AlignedText of(std::string_view utf8, std::size_t at);

    bool empty() const { return text.empty(); }
    void append(char32_t point, Span source);
    void append(const AlignedText& from, std::size_t begin, std::size_t end);
    void append(std::string_view utf8, Span source);

    // Replaces the whole text, after dropping its first `skipped` code points.
    void transform(const std::vector<Change>& changes, std::size_t skipped = 0);
};

// A text cut into pieces. `addedId` is that of an added token, -1 for text still to be cut.
struct Cut {
    std::uint32_t begin = 0, end = 0;  // bytes of the aligned text
    std::int32_t addedId = -1;
};
struct CutText {
    AlignedText aligned;
    std::vector<Cut> cuts;

    std::string_view view(const Cut& cut) const {
        return std::string_view(aligned.text).substr(cut.begin, cut.end - cut.begin);
    }
};

// Inside a code point of UTF-8.
inline bool isTailByte(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// One code point of well-formed UTF-8; moves `at` past it.
inline char32_t nextPoint(std::string_view utf8, std::size_t& at) {
    const auto first = static_cast<unsigned char>(utf8[at++]);
    if (first < 0x80U) return first;
    const int tails = first < 0xE0U ? 1 : first < 0xF0U ? 2 : 3;
    char32_t point = first & (0x3FU >> static_cast<unsigned>(tails));
    for (int i = 0; i < tails; ++i)
        point = (point << 6U) | (static_cast<unsigned char>(utf8[at++]) & 0x3FU);
    return point;
}

void appendUtf8(char32_t point, std::string& out);
std::u32string toPoints(std::string_view utf8);
std::size_t countPoints(std::string_view utf8);
bool isAscii(std::string_view text);

bool isSpacePoint(char32_t point);  // Unicode White_Space
bool isWordPoint(char32_t point);   // letters, marks, digits, connectors, joiners

// The reference library takes some classes from old versions of Unicode: characters that came later
// are in none of them.
bool isPunctuationPoint(char32_t point);  // ASCII punctuation or P* of Unicode 8
bool isNonSpacingMark(char32_t point);    // Mn of Unicode 8
bool isControlPoint(char32_t point);      // Cc, Cf, Cs and Co of Unicode 8
bool isMark(char32_t point);              // M* of Unicode 9
bool existedIn(char32_t point, int unicodeVersion);

}  // namespace driftlens
