// "By chance" against every permutation of short explanations, and what correction makes of it.
#include "xai/metrics/chance.h"

#include "core/base/random.h"
#include "xai/metrics/ranking.h"
#include "xai/metrics/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>

namespace driftlens {
namespace {

const std::vector<std::size_t> kTop = {1, 2, 3, 5};

// The mean of every raw figure over all permutations of b.
std::map<std::string, double> meansOverPermutations(const std::vector<double>& a,
                                                    const std::vector<double>& b) {
    std::vector<std::size_t> order(b.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::map<std::string, double> sums;
    double count = 0.0;
    do {
        std::vector<double> dealt;
        for (const std::size_t i : order) dealt.push_back(b[i]);
        for (const AgreementFigure& figure : agreementFigures(a, dealt, kTop)) {
            if (figure.raw.value) sums[figure.id] += *figure.raw.value;
        }
        ++count;
    } while (std::next_permutation(order.begin(), order.end()));
    for (auto& [id, sum] : sums) sum /= count;
    return sums;
}

void expectChanceIsTheMean(const std::vector<double>& a, const std::vector<double>& b) {
    const auto means = meansOverPermutations(a, b);
    std::size_t compared = 0;
    for (const AgreementFigure& figure : agreementFigures(a, b, kTop)) {
        ASSERT_TRUE(figure.byChance.value) << figure.id << ": " << figure.byChance.reason;
        EXPECT_NEAR(*figure.byChance.value, means.at(figure.id), 1e-12) << figure.id;
        ++compared;
    }
    EXPECT_EQ(compared, means.size());
}

TEST(AgreementByChance, IsTheMeanOverAllPermutations) {
    expectChanceIsTheMean({3.0, -2.0, 1.0, 0.5, -0.25, 0.1}, {0.2, 1.5, -4.0, 0.0, 2.0, -1.0});
    expectChanceIsTheMean({5.0, 4.0, 3.0, 2.0, 1.0}, {-1.0, -2.0, -3.0, -4.0, -5.0});
}

TEST(AgreementByChance, CountsTiesInPairs) {
    const std::vector<double> a = {1.0, -1.0, 2.0, 0.0, 0.0}, b = {1.0, 2.0, 2.0, -2.0, 0.5};
    const auto means = meansOverPermutations(a, b);
    for (const AgreementFigure& figure : agreementFigures(a, b, {})) {
        if (figure.id != "pairwise_rank_agreement") continue;
        EXPECT_NEAR(*figure.byChance.value, means.at(figure.id), 1e-12);
        return;
    }
    FAIL() << "no pairwise rank agreement";
}

// Permutations beyond counting are drawn.
TEST(AgreementByChance, HoldsForLongExplanations) {
    constexpr std::size_t kTokens = 400, kTopTokens = 40;
    constexpr int kDraws = 2000;
    RandomStream random(12, "long");
    std::vector<double> a, b;
    for (std::size_t i = 0; i < kTokens; ++i) {
        a.push_back(random.normal());
        b.push_back(random.normal() + 0.5);
    }
    const TopKCurves byChance = topKCurvesByChance(a, b);
    std::map<std::string_view, std::vector<double>> drawn;
    for (int draw = 0; draw < kDraws; ++draw) {
        for (std::size_t i = kTokens; i > 1; --i) std::swap(b[i - 1], b[random.below(i)]);
        const TopKCurves curves = topKCurves(a, b);
        for (const TopKMeasure& measure : topKMeasures())
            drawn[measure.id].push_back((curves.*measure.curve)[kTopTokens - 1]);
    }
    for (const TopKMeasure& measure : topKMeasures()) {
        double mean = 0.0, squares = 0.0;
        for (const double v : drawn[measure.id]) {
            mean += v / kDraws;
            squares += v * v / kDraws;
        }
        const double error = std::sqrt((squares - mean * mean) / kDraws);
        EXPECT_GT(error, 0.0) << measure.id;
        EXPECT_NEAR((byChance.*measure.curve)[kTopTokens - 1], mean, 4.0 * error) << measure.id;
    }
}

TEST(ChanceCorrection, IsOneForEqualExplanationsAndUndefinedWhereChanceSuffices) {
    const std::vector<double> a = {3.0, -2.0, 1.0, 0.5, -0.25};
    for (const AgreementFigure& figure : agreementFigures(a, a, kTop)) {
        if (figure.id == "feature_agreement@5" || figure.id == "jaccard@5") {
            EXPECT_EQ(figure.corrected.reason, "chance alone agrees fully") << figure.id;
        } else {
            ASSERT_TRUE(figure.corrected.value) << figure.id;
            EXPECT_NEAR(*figure.corrected.value, 1.0, 1e-12) << figure.id;
        }
    }
}

// Over many random pairs what correction leaves averages out: the raw figure of a short input does
// not.
TEST(ChanceCorrection, LeavesNothingOfRandomAgreement) {
    RandomStream random(1, "pairs");
    double raw = 0.0, corrected = 0.0;
    constexpr int kPairs = 4000;
    for (int i = 0; i < kPairs; ++i) {
        std::vector<double> a, b;
        for (int token = 0; token < 6; ++token) {
            a.push_back(random.normal());
            b.push_back(random.normal());
        }
        const Figure feature = atTop(topKCurves(a, b), &TopKCurves::feature, 3);
        raw += *feature.value / kPairs;
        corrected +=
            *chanceCorrected(feature, atTop(topKCurvesByChance(a, b), &TopKCurves::feature, 3))
                 .value /
            kPairs;
    }
    EXPECT_NEAR(raw, 0.5, 0.02);  // k / n; the standard error is 0.004
    EXPECT_NEAR(corrected, 0.0, 0.03);
}

TEST(ContentTokens, AreTheOnlyOnesCompared) {
    const std::vector<double> scores = {9.0, 1.0, -2.0, 9.0};
    EXPECT_EQ(selected(scores, std::vector<std::uint8_t>{0, 1, 1, 0}),
              (std::vector<double>{1.0, -2.0}));
    EXPECT_TRUE(selected(scores, std::vector<std::uint8_t>{0, 0, 0, 0}).empty());
    EXPECT_EQ(agreementFigures({}, {}, {}).front().raw.reason, "no tokens");
}

}  // namespace
}  // namespace driftlens
