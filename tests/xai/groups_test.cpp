// Scores added up to words, sentences and spans: by hand on small texts.
#include "xai/groups.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

Token special(const std::string& text) {
    Token token;
    token.text = text;
    token.isSpecial = true;
    return token;
}

// [CLS] un|believ|able|!|··work [SEP]; the last word's token begins with its white space.
TokenizedInput sampleInput() {
    TokenizedInput input;
    input.text = "unbelievable!  work";
    input.tokens = {special("[CLS]")};
    for (const ByteRange range : {ByteRange{0, 2}, ByteRange{2, 8}, ByteRange{8, 12},
                                  ByteRange{12, 13}, ByteRange{13, 19}}) {
        Token token;
        token.text = input.text.substr(range.begin, range.end - range.begin);
        token.bytes = range;
        input.tokens.push_back(token);
    }
    input.tokens.push_back(special("[SEP]"));
    return input;
}

Attribution sampleScores() {
    Attribution out;
    out.scores = {10.0, 1.0, 2.0, 4.0, 0.5, 8.0, 20.0};
    return out;
}

struct Row {
    std::string text;
    std::vector<std::size_t> tokens;
    double score;
};
std::vector<Row> rowsOf(const GroupedScores& found) {
    std::vector<Row> out;
    for (const ScoreGroup& group : found.groups)
        out.push_back({group.text, group.tokens, group.score});
    return out;
}

void expectRows(const std::string& grouping, const std::vector<Row>& expected) {
    const std::vector<Row> rows =
        rowsOf(groupScores(sampleScores(), sampleInput(), Grouping::parse(grouping)));
    ASSERT_EQ(rows.size(), expected.size()) << grouping;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].text, expected[i].text) << grouping;
        EXPECT_EQ(rows[i].tokens, expected[i].tokens) << grouping;
        EXPECT_EQ(rows[i].score, expected[i].score) << grouping;
    }
}

std::string messageOf(const std::string& grouping, const TokenizedInput& input = sampleInput()) {
    try {
        groupScores(sampleScores(), input, Grouping::parse(grouping));
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Usage);
        return error.what();
    }
    return "no error";
}

TEST(Groups, AddTheTokensOfAWord) {
    expectRows("word", {{"[CLS]", {0}, 10.0},
                        {"unbelievable", {1, 2, 3}, 7.0},
                        {"!", {4}, 0.5},
                        {"work", {5}, 8.0},
                        {"[SEP]", {6}, 20.0}});
}

TEST(Groups, AddTheTokensOfASentence) {
    expectRows("sentence", {{"[CLS]", {0}, 10.0},
                            {"unbelievable!", {1, 2, 3, 4}, 7.5},
                            {"work", {5}, 8.0},
                            {"[SEP]", {6}, 20.0}});
}

TEST(Groups, LeaveTokensBetweenSpansAlone) {
    expectRows("spans=0-8,14-19", {{"[CLS]", {0}, 10.0},
                                   {"unbeliev", {1, 2}, 3.0},
                                   {"able", {3}, 4.0},
                                   {"!", {4}, 0.5},
                                   {" work", {5}, 8.0},
                                   {"[SEP]", {6}, 20.0}});
}

TEST(Groups, AreNoneForTokensAndForPartsOfTheNetwork) {
    EXPECT_TRUE(groupScores(sampleScores(), sampleInput(), {}).groups.empty());
    Attribution parts = sampleScores();
    parts.parts.resize(parts.scores.size());
    const GroupedScores found = groupScores(parts, sampleInput(), Grouping::parse("word"));
    EXPECT_TRUE(found.groups.empty());
    EXPECT_NE(found.rule.find("parts of the network"), std::string::npos);
}

TEST(Groups, OfAWhiteSpaceTokenIsTheTokenAlone) {
    TokenizedInput input;
    input.text = "a  b";
    for (const ByteRange range : {ByteRange{0, 1}, ByteRange{1, 3}, ByteRange{3, 4}}) {
        input.tokens.emplace_back();
        input.tokens.back().text = "x";
        input.tokens.back().bytes = range;
    }
    EXPECT_EQ(groupScores(sampleScores(), input, Grouping::parse("word")).groups.size(), 3U);
    EXPECT_EQ(groupScores(sampleScores(), input, Grouping::parse("sentence")).groups.size(), 2U);
}

TEST(Groups, NeedAText) {
    TokenizedInput ids = sampleInput();
    ids.text.clear();
    EXPECT_NE(messageOf("word", ids).find("given as token ids"), std::string::npos);
    EXPECT_EQ(messageOf("token", ids), "no error");
}

TEST(Groups, RefuseSpansThatTheTextDoesNotHave) {
    EXPECT_NE(messageOf("spans=0-20").find("19 bytes"), std::string::npos);
    EXPECT_NE(messageOf("spans=3-5").find("no token"), std::string::npos);
    EXPECT_NE(messageOf("spans=0-99999999999999999999").find("no byte range"), std::string::npos);
    TokenizedInput input = sampleInput();
    input.text = "éé and more of them";
    EXPECT_NE(messageOf("spans=0-3", input).find("cuts a character at byte 3"), std::string::npos);
}

TEST(Grouping, RefusesWhatIsNoGroupingAndNamesIt) {
    for (const std::string text :
         {"", "words!", "spans=", "spans=1", "spans=1-", "spans=a-b", "spans=5-5", "spans=6-5",
          "spans=0-3,2-4", "spans=3-4,0-1", "spans=-1-3", "span", "spans=1-2-3", "spans=1-2,"}) {
        EXPECT_THROW(Grouping::parse(text), Error) << text;
    }
    EXPECT_NE(messageOf("paragraph").find("\"paragraph\""), std::string::npos);
}

TEST(Grouping, IsReadAsItIsWritten) {
    for (const std::string text : {"token", "word", "sentence", "spans=0-12,13-30"})
        EXPECT_EQ(Grouping::parse(text).text(), text);
}

}  // namespace
}  // namespace driftlens
