// Whether one variant, or one scheme, drifts more than another: closed forms and error rates.
#include "engine/drift/drift_difference.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/statistics/paired_tests.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace driftlens {
namespace {

std::vector<Figure> figures(const std::vector<double>& values) {
    std::vector<Figure> out;
    for (const double value : values) out.push_back({value, ""});
    return out;
}

TEST(DriftDifference, IsThatOfTheMeansOverPairs) {
    const DriftDifference found =
        driftDifference(figures({0.4, 0.5, 0.9}), figures({0.1, 0.2, 0.3}));
    EXPECT_NEAR(*found.difference.value, 0.4, 1e-12);
    EXPECT_TRUE(found.differs);  // every pair differs the same way
    EXPECT_GE(found.interval.value->low, 0.3 - 1e-12);
    EXPECT_LE(found.interval.value->high, 0.6 + 1e-12);
    EXPECT_NEAR(*found.p.value, 2.0 / 2001.0, 1e-12);
    EXPECT_EQ(found.sentence.find("the first drifts more"), 0U) << found.sentence;
}

TEST(DriftDifference, TurnsRoundWithItsArguments) {
    const std::vector<Figure> a = figures({0.1, 0.5, 0.3, 0.2}), b = figures({0.2, 0.4, 0.1, 0.4});
    const DriftDifference forth = driftDifference(a, b), back = driftDifference(b, a);
    EXPECT_DOUBLE_EQ(*forth.difference.value, -*back.difference.value);
    EXPECT_NEAR(forth.interval.value->low, -back.interval.value->high, 1e-12);
    EXPECT_DOUBLE_EQ(*forth.p.value, *back.p.value);
}

TEST(DriftDifference, OfAModelWithItselfIsNone) {
    const std::vector<Figure> drifts = figures({0.1, 0.5, 0.3});
    const DriftDifference found = driftDifference(drifts, drifts);
    EXPECT_EQ(*found.difference.value, 0.0);
    EXPECT_FALSE(found.differs);
    EXPECT_EQ(*found.p.value, 1.0);
    EXPECT_EQ(found.sentence.find("no difference shown"), 0U) << found.sentence;
}

TEST(DriftDifference, LeavesOutPairsOfWhichOneIsUndefined) {
    std::vector<Figure> a = figures({0.4, 0.5, 0.9}), b = figures({0.1, 0.2, 0.3});
    a[0] = undefinedFigure("no scores");
    const DriftDifference found = driftDifference(a, b);
    EXPECT_EQ(found.examples, 2U);
    EXPECT_EQ(found.undefined, 1U);
    EXPECT_NEAR(*found.difference.value, 0.45, 1e-12);
    const DriftDifference none = driftDifference({}, {});
    EXPECT_FALSE(none.interval.value || none.p.value || none.differs);
    EXPECT_EQ(none.sentence.find("not compared: "), 0U) << none.sentence;
}

TEST(DriftDifference, ResamplesWholeClusters) {
    // Two clusters of opposite signs, each repeated: alone the rows would look like many.
    std::vector<double> a, b;
    std::vector<std::string> clusters;
    for (int i = 0; i < 40; ++i) {
        a.push_back(i < 20 ? 0.5 : 0.1);
        b.push_back(0.2);
        clusters.push_back(i < 20 ? "x" : "y");
    }
    EXPECT_TRUE(driftDifference(figures(a), figures(b)).differs);
    const DriftDifference found = driftDifference(figures(a), figures(b), clusters);
    EXPECT_FALSE(found.differs);
    EXPECT_NEAR(found.interval.value->low, -0.1, 1e-12);
    EXPECT_NEAR(found.interval.value->high, 0.3, 1e-12);
}

TEST(DriftDifference, RefusesOtherExamples) {
    EXPECT_THROW(driftDifference(figures({0.1}), figures({0.1, 0.2})), Error);
    const std::vector<std::string> clusters = {"x"};
    EXPECT_THROW(driftDifference(figures({0.1, 0.3}), figures({0.1, 0.2}), clusters), Error);
}

TEST(SchemeDifference, CountsEveryExchangeOfDraws) {
    const std::vector<double> low = {0.1, 0.2, 0.3, 0.4}, high = {0.5, 0.6, 0.7, 0.8};
    const SchemeDifference found = schemeDifference(high, low);
    EXPECT_NEAR(*found.difference.value, 0.4, 1e-12);
    EXPECT_DOUBLE_EQ(*found.p.value, 2.0 / 70.0);  // of the ways to choose 4 of 8: this, its mirror
    EXPECT_DOUBLE_EQ(*found.smallestP.value, 2.0 / 70.0);
    EXPECT_DOUBLE_EQ(*schemeDifference(low, low).p.value, 1.0);
    const std::vector<double> one = {1.5};
    EXPECT_DOUBLE_EQ(*schemeDifference(one, high).p.value, 1.0 / 5.0);
    EXPECT_DOUBLE_EQ(*schemeDifference(one, high).smallestP.value, 1.0 / 5.0);
}

TEST(SchemeDifference, SaysWhyItIsUndefined) {
    const std::vector<double> one = {0.1}, many(20, 0.1);
    EXPECT_EQ(schemeDifference(one, {}).p.reason, "a scheme has no draws");
    EXPECT_EQ(schemeDifference(one, many).p.reason, "more than 20 draws");
    const std::vector<double> bad = {std::numeric_limits<double>::quiet_NaN()};
    EXPECT_EQ(schemeDifference(one, bad).difference.reason, "a draw's drift is not finite");
}

// Two fixed models may differ though their schemes do not; draws of one scheme are told apart in
// one of twenty runs.
TEST(SchemeDifference, OfOneSchemeIsRaisedInFivePercent) {
    constexpr std::uint64_t kRuns = 2000;
    std::uint64_t raised = 0;
    for (std::uint64_t run = 0; run < kRuns; ++run) {
        RandomStream random(9, "draws", run);
        std::vector<double> a, b;
        for (int i = 0; i < 5; ++i) a.push_back(std::exp(random.normal()));
        for (int i = 0; i < 5; ++i) b.push_back(std::exp(random.normal()));
        raised += *schemeDifference(a, b).p.value <= 0.05 ? 1 : 0;
    }
    const Range rate = clopperPearson(raised, kRuns);
    EXPECT_LE(rate.low, 0.05) << raised;
    EXPECT_GE(rate.high, 12.0 / 252.0) << raised;  // the level that 5 and 5 draws reach
}

}  // namespace
}  // namespace driftlens
