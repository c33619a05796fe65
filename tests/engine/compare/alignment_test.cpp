// Units of texts that tokenizers cut differently, on ranges written by hand.
#include "engine/compare/alignment.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

constexpr std::size_t kNone = 999;

// Tokens by their byte ranges; kNone marks a special token.
TokenizedInput cut(const std::string& text,
                   const std::vector<std::pair<std::size_t, std::size_t>>& ranges) {
    TokenizedInput out;
    out.text = text;
    for (const auto& [begin, end] : ranges) {
        Token& token = out.tokens.emplace_back();
        token.id = static_cast<std::int64_t>(out.tokens.size());
        token.isSpecial = begin == kNone;
        if (begin == kNone) continue;
        token.bytes = ByteRange{begin, end};
        token.text = text.substr(begin, end - begin);
    }
    return out;
}

std::vector<std::string> textsOf(const TokenUnits& units) {
    std::vector<std::string> out;
    for (const Token& token : units.tokens) out.push_back(token.isSpecial ? "*" : token.text);
    return out;
}

using Places = std::vector<std::size_t>;

TEST(Alignment, CutsWhereBothCut) {
    const TokenizedInput words = cut("not bad", {{0, 3}, {3, 7}});
    const TokenizedInput pieces = cut("not bad", {{0, 2}, {2, 3}, {4, 5}, {5, 7}});
    const TokenUnits units = alignByBytes(std::vector{&words, &pieces});
    EXPECT_EQ(textsOf(units), (std::vector<std::string>{"not", " bad"}));
    EXPECT_EQ(units.unitOf[0], (Places{0, 1}));
    EXPECT_EQ(units.unitOf[1], (Places{0, 0, 1, 1}));
    EXPECT_EQ(inUnits({1, 2, 3, 4}, units.unitOf[1], 2), (std::vector<double>{3, 7}));
}

TEST(Alignment, JoinsWhatCrosses) {
    const TokenizedInput one = cut("abcd", {{0, 2}, {2, 4}});
    const TokenizedInput two = cut("abcd", {{0, 1}, {1, 3}, {3, 4}});
    const TokenUnits units = alignByBytes(std::vector{&one, &two});
    EXPECT_EQ(textsOf(units), (std::vector<std::string>{"abcd"}));
}

TEST(Alignment, MatchesSpecialTokensFromBothEnds) {
    const TokenizedInput bert = cut("ab", {{kNone, 0}, {0, 2}, {kNone, 0}});
    const TokenizedInput plain = cut("ab", {{0, 1}, {1, 2}});
    const TokenUnits units = alignByBytes(std::vector{&bert, &plain});
    EXPECT_EQ(textsOf(units), (std::vector<std::string>{"*", "ab", "*"}));
    EXPECT_EQ(units.unitOf[1], (Places{1, 1}));
    EXPECT_EQ(inUnits({5, 6}, units.unitOf[1], 3), (std::vector<double>{0, 11, 0}));
}

TEST(Alignment, RestatesWhatAnExplanationSaysOfItsTokens) {
    Attribution found;
    found.scores = {1, 2, 3};
    found.norms = found.standardError = {1, 1, 1};
    found.answerTokens.push_back({7, "x", 0.5, {4, 5, 6}});
    found.interactions = PairScores{"", {{0, 1}, {2}}, {0, 9, 9, 0}};
    found.edits.push_back({{2}, {}, "a", "b"});
    const Attribution out = inUnits(found, Places{0, 0, 1}, 2);
    EXPECT_EQ(out.scores, (std::vector<double>{3, 3}));
    EXPECT_EQ(out.answerTokens[0].scores, (std::vector<double>{9, 6}));
    EXPECT_EQ(out.interactions->units, (std::vector<Places>{{0}, {1}}));
    EXPECT_EQ(out.edits[0].tokens, (Places{1}));
    EXPECT_TRUE(out.norms.empty() && out.standardError.empty());
}

// The bytes of one character, each a token that covers the character.
TEST(Alignment, KeepsBytesOfOneCharacterTogether) {
    const TokenizedInput bytes = cut("\xC3\xA9x", {{0, 2}, {0, 2}, {2, 3}});
    const TokenizedInput whole = cut("\xC3\xA9x", {{0, 2}, {2, 2}, {2, 3}});
    const TokenUnits units = alignByBytes(std::vector{&bytes, &whole});
    EXPECT_EQ(textsOf(units), (std::vector<std::string>{"\xC3\xA9", "x"}));
    EXPECT_EQ(units.unitOf[0], (Places{0, 0, 1}));
    EXPECT_EQ(units.unitOf[1], (Places{0, 0, 1}));
}

TEST(Alignment, LeavesEqualTokensAsTheyAre) {
    const TokenizedInput text = cut("a b", {{kNone, 0}, {0, 1}, {2, 3}, {kNone, 0}});
    const TokenUnits units = alignByBytes(std::vector{&text, &text});
    EXPECT_EQ(units.unitOf[0], (Places{0, 1, 2, 3}));
    EXPECT_EQ(units.tokens[1].bytes->end, 1U);
}

}  // namespace
}  // namespace driftlens
