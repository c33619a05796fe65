// Agreement with human rationales: values recorded from scikit-learn, and counts made by hand.
#include "xai/faithfulness/rationale.h"

#include "core/base/random.h"
#include "tests/xai/coalitions/games.h"

#include <gtest/gtest.h>

namespace driftlens::faithfulness {
namespace {

TokenSet tokens(const std::string& bits) {
    return coalitions::coalitionOf(bits);
}

struct Recorded {
    std::string rationale;
    std::vector<double> scores;
    double value;
};

// scikit-learn 1.9.1, average_precision_score; the first is its documentation's example.
TEST(AveragePrecision, IsThatOfScikitLearnWithTiesAndNegativeScores) {
    const std::vector<Recorded> records = {
        {"0011", {0.1, 0.4, 0.35, 0.8}, 0.8333333333333333},
        {"101001", {0.5, 0.5, 0.5, -0.2, 0.1, -0.2}, 0.6111111111111112},
        {"0110100", {2.0, -1.0, 3.0, 3.0, 0.0, 0.0, 0.0}, 0.4206349206349206},
        {"1000", {1.0, 1.0, 1.0, 1.0}, 0.25},
        {"0001", {4.0, 3.0, 2.0, 1.0}, 0.25},
        {"11001", {-0.3, 0.2, 0.9, -0.8, 0.2}, 0.6944444444444444}};
    for (const Recorded& record : records) {
        EXPECT_NEAR(*averagePrecision(record.scores, tokens(record.rationale)).value, record.value,
                    1e-15)
            << record.rationale;
    }
}

TEST(AveragePrecision, IsUndefinedWhereNoneOrAllTokensAreInTheRationale) {
    const std::vector<double> scores = {1.0, 2.0};
    EXPECT_EQ(averagePrecision(scores, tokens("00")).reason, "no token is in the rationale");
    EXPECT_EQ(averagePrecision(scores, tokens("11")).reason,
              "every token is in the rationale: any scores agree");
}

TEST(TopTokens, AreThoseOfTheHighestSignedScores) {
    const std::vector<double> scores = {-9.0, 0.5, 0.0, 0.5, 0.7};
    EXPECT_EQ(topTokens(scores, 0), tokens("00000"));
    EXPECT_EQ(topTokens(scores, 2), tokens("01001"));
    EXPECT_EQ(topTokens(scores, 5), tokens("11111"));
    EXPECT_EQ(tokensAbove(scores, 0.0), tokens("01011"));
    EXPECT_EQ(tokensAbove(scores, 0.5), tokens("00001"));
}

TEST(TokenAgreement, CountsSharedTokens) {
    EXPECT_NEAR(*tokenF1(tokens("11100"), tokens("01111")).value, 4.0 / 7.0, 1e-15);
    EXPECT_NEAR(*tokenIou(tokens("11100"), tokens("01111")).value, 2.0 / 5.0, 1e-15);
    EXPECT_EQ(tokenF1(tokens("00000"), tokens("01111")).value, 0.0);
    EXPECT_EQ(tokenIou(tokens("01111"), tokens("01111")).value, 1.0);
    EXPECT_EQ(tokenF1(tokens("10000"), tokens("00000")).reason, "no token is in the rationale");
    EXPECT_FALSE(tokenIou(tokens("00000"), tokens("00000")).value);
}

TEST(TokenAgreement, OfF1AndIouTellTheSame) {
    RandomStream stream(3, "sets");
    for (int i = 0; i < 50; ++i) {
        const TokenSet predicted = coalitions::drawCoalition(9, stream.below(10), stream);
        const TokenSet rationale = coalitions::drawCoalition(9, 1 + stream.below(9), stream);
        const double f1 = *tokenF1(predicted, rationale).value;
        EXPECT_NEAR(*tokenIou(predicted, rationale).value, f1 / (2.0 - f1), 1e-15);
    }
}

struct Spans {
    std::string predicted;
    std::string rationale;
    double value;
};

TEST(SpanF1, MatchesSpansFromAnIntersectionOverUnionOfOneHalf) {
    const std::vector<Spans> cases = {
        {"0110000", "0110000", 1.0},       {"0100000", "0110000", 1.0},  // 1 of 2 shared
        {"0100000", "0111000", 0.0},                                     // 1 of 3
        {"1110000", "0111000", 1.0},                                     // 2 of 4
        {"1110011", "0111000", 2.0 / 3.0},  // one of two found, the one wanted
        {"0110011", "0110100", 0.5},        // one of two, one of two
        {"1010101", "1111111", 0.0},        // single tokens are not the long span
        {"0000000", "0110000", 0.0},       {"1000001", "1000001", 1.0}};  // spans at both ends
    for (const Spans& each : cases) {
        EXPECT_NEAR(*spanF1(tokens(each.predicted), tokens(each.rationale)).value, each.value,
                    1e-15)
            << each.predicted << " for " << each.rationale;
    }
    EXPECT_EQ(spanF1(tokens("100"), tokens("000")).reason, "no token is in the rationale");
}

TEST(SpanF1, IsNeverAbove1AndSymmetric) {
    RandomStream stream(4, "sets");
    for (int i = 0; i < 300; ++i) {
        const TokenSet a = coalitions::drawCoalition(10, 1 + stream.below(10), stream);
        const TokenSet b = coalitions::drawCoalition(10, 1 + stream.below(10), stream);
        const double value = *spanF1(a, b).value;
        EXPECT_LE(value, 1.0);
        EXPECT_EQ(value, *spanF1(b, a).value) << a << " " << b;
    }
}

TEST(RationaleAgreement, ComparesAsManyTokensAsTheRationaleHas) {
    const std::vector<double> scores = {0.9, 0.8, 0.7, 0.6, -0.1};
    const RationaleAgreement ours = rationaleAgreementOf(scores, tokens("01001"));
    EXPECT_NEAR(*ours.f1.value, 0.5, 1e-15);  // 0 and 1 for 1 and 4
    EXPECT_NEAR(*ours.iou.value, 1.0 / 3.0, 1e-15);
    EXPECT_NEAR(*ours.spanF1.value, 2.0 / 3.0, 1e-15);       // 0–1 is 1 by half, 4 is not found
    EXPECT_NEAR(*ours.thresholdF1.value, 1.0 / 3.0, 1e-15);  // 0 to 3 for 1 and 4
    EXPECT_NEAR(*ours.averagePrecision.value, 0.5 * 0.5 + 0.5 * 0.4, 1e-15);
    EXPECT_NEAR(*rationaleAgreementOf(scores, tokens("01001"), 0.75).thresholdF1.value, 0.5, 1e-15);
}

TEST(RationaleAgreement, LeavesTheThresholdAloneWhereEveryTokenIsInTheRationale) {
    const RationaleAgreement ours = rationaleAgreementOf(std::vector{0.5, -0.5}, tokens("11"));
    for (const Figure& figure : {ours.f1, ours.iou, ours.spanF1, ours.averagePrecision}) {
        EXPECT_EQ(figure.reason, "every token is in the rationale: any scores agree");
    }
    EXPECT_NEAR(*ours.thresholdF1.value, 2.0 / 3.0, 1e-15);
}

TEST(RationaleAgreement, IsUndefinedWhereNoTokenIsInTheRationale) {
    const RationaleAgreement ours = rationaleAgreementOf(std::vector{0.5, -0.5}, tokens("00"));
    for (const Figure& figure :
         {ours.f1, ours.iou, ours.spanF1, ours.averagePrecision, ours.thresholdF1}) {
        EXPECT_EQ(figure.reason, "no token is in the rationale");
    }
}

}  // namespace
}  // namespace driftlens::faithfulness
