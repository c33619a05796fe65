// Words and sentences as byte ranges.
#include "core/tokenizer/segments.h"

#include <gtest/gtest.h>

#include <string>

namespace driftlens {
namespace {

using Pieces = std::vector<std::string>;

Pieces piecesOf(const std::string& text, const std::vector<ByteRange>& ranges) {
    Pieces out;
    for (const ByteRange& range : ranges)
        out.push_back(text.substr(range.begin, range.end - range.begin));
    return out;
}
Pieces words(const std::string& text) {
    return piecesOf(text, wordsOf(text));
}
Pieces sentences(const std::string& text) {
    return piecesOf(text, sentencesOf(text));
}

TEST(Words, KeepContractionsAndNumbersAndSetPunctuationApart) {
    EXPECT_EQ(words("It wasn't bad: 3.14, really!"),
              (Pieces{"It", "wasn't", "bad", ":", "3.14", ",", "really", "!"}));
}

TEST(Words, HoldNoWhiteSpaceOfAnyKind) {
    EXPECT_EQ(words("  a\t\n b\u3000c\u00A0 "), (Pieces{"a", "b", "c"}));
    EXPECT_TRUE(words(" \n\t").empty());
    EXPECT_TRUE(words("").empty());
}

TEST(Words, OfScriptsWithoutSpacesComeFromADictionary) {
    EXPECT_EQ(words("我喜欢电影。"), (Pieces{"我", "喜欢", "电影", "。"}));
    EXPECT_EQ(words("ภาษาไทย"), (Pieces{"ภาษา", "ไทย"}));
}

TEST(Words, CutNoCharacterOfSeveralCodePoints) {
    EXPECT_EQ(words("e\u0301t 👩‍🚀 🇨🇭"), (Pieces{"e\u0301t", "👩‍🚀", "🇨🇭"}));
}

TEST(Words, CoverEveryByteThatIsNotWhiteSpaceOnce) {
    const std::string text = "x=1;\0y\u202E z\u0000é — “q”…\r\n#!/bin/sh";
    std::size_t end = 0;
    for (const ByteRange& word : wordsOf(text)) {
        ASSERT_LE(end, word.begin);
        const ByteRange between = {end, word.begin};
        EXPECT_EQ(withoutOuterSpace(text, between).begin, between.end);
        end = word.end;
    }
    EXPECT_EQ(withoutOuterSpace(text, {end, text.size()}).begin, text.size());
}

TEST(Sentences, EndAtTheirPunctuationAndHoldNoOuterSpace) {
    EXPECT_EQ(sentences("  It was bad.  Was it? 「はい。」そう。"),
              (Pieces{"It was bad.", "Was it?", "「はい。」", "そう。"}));
}

TEST(WithoutOuterSpace, OfSpaceAloneIsEmptyAtTheEnd) {
    EXPECT_EQ(withoutOuterSpace("a   b", {1, 4}), (ByteRange{4, 4}));
    EXPECT_EQ(withoutOuterSpace(" é\u3000", {0, 6}), (ByteRange{1, 3}));
}

}  // namespace
}  // namespace driftlens
