// Statistics against closed forms, against counting by hand, and on hostile input.
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/statistics/bootstrap.h"
#include "core/base/statistics/correlation.h"
#include "core/base/statistics/distributions.h"
#include "core/base/statistics/multiplicity.h"
#include "core/base/statistics/paired_tests.h"
#include "core/base/statistics/quantile.h"
#include "core/base/statistics/signed_rank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <stop_token>
#include <vector>

namespace driftlens {
namespace {

using Values = std::vector<double>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool isUsageError(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::Usage;
    }
    return false;
}

// Draws from a few whole numbers, so that ties are common.
Values tiedDraws(RandomStream& stream, std::size_t n) {
    Values out;
    for (std::size_t i = 0; i < n; ++i) out.push_back(static_cast<double>(stream.below(5)) - 2.0);
    return out;
}

Statistic meanOf(const Values& sample) {
    return [&sample](std::span<const std::size_t> positions) {
        double sum = 0.0;
        for (const std::size_t i : positions) sum += sample[i];
        return finiteFigure(sum / static_cast<double>(positions.size()));
    };
}

TEST(Correlation, OfALineIsOneWhateverItsScale) {
    for (const double scale : {1.0, 1e-300, 1e300}) {
        const Values a = {1.0 * scale, 2.0 * scale, 4.0 * scale, -1.0 * scale};
        const Values b = {-3.0, -6.0, -12.0, 3.0};
        EXPECT_NEAR(*pearson(a, b).coefficient.value, -1.0, 1e-15);
        EXPECT_NEAR(*pearson(a, b).p.value, 0.0, 1e-15);
    }
    const Values far = {1e15, 1e15 + 1.0, 1e15 + 2.0, 1e15 + 4.0};
    EXPECT_NEAR(*pearson(far, Values{0.0, 1.0, 2.0, 4.0}).coefficient.value, 1.0, 1e-15);
}

TEST(Correlation, HasThePOfItsDistribution) {
    // Of four pairs Pearson's r is uniform on [-1, 1]: p = 1 - |r|.
    const Values a = {1.0, 2.0, 3.0, 4.0};
    const Values b = {1.0, 3.0, 2.0, 4.0};
    EXPECT_NEAR(*pearson(a, b).coefficient.value, 0.8, 1e-15);
    EXPECT_NEAR(*pearson(a, b).p.value, 0.2, 1e-15);
    // One exchange: 4 of the 24 orders have at most one, and as many at most one agreement.
    EXPECT_NEAR(*kendallTauB(a, b).coefficient.value, 4.0 / 6.0, 1e-15);
    EXPECT_NEAR(*kendallTauB(a, b).p.value, 8.0 / 24.0, 1e-15);
}

TEST(Correlation, CountsTiesAsTheDefinitionsSay) {
    const Values tied = {1.0, 1.0, 2.0};
    const Values order = {1.0, 2.0, 3.0};
    EXPECT_NEAR(*kendallTauB(tied, order).coefficient.value, 2.0 / std::sqrt(6.0), 1e-15);
    EXPECT_NEAR(*kendallTauC(tied, order).coefficient.value, 2.0 * 2.0 * 2.0 / 9.0, 1e-15);
    EXPECT_EQ(averageRanks(Values{5.0, 1.0, 5.0, 0.0}), (Values{3.5, 2.0, 3.5, 1.0}));
    RandomStream stream(1, "kendall");
    for (int trial = 0; trial < 50; ++trial) {
        const Values a = tiedDraws(stream, 20);
        const Values b = tiedDraws(stream, 20);
        double balance = 0, untiedA = 0, untiedB = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                const double product = (a[i] - a[j]) * (b[i] - b[j]);
                balance += static_cast<double>((product > 0) - (product < 0));
                untiedA += a[i] != a[j] ? 1.0 : 0.0;
                untiedB += b[i] != b[j] ? 1.0 : 0.0;
            }
        }
        EXPECT_NEAR(*kendallTauB(a, b).coefficient.value, balance / std::sqrt(untiedA * untiedB),
                    1e-14);
    }
}

TEST(Correlation, WeightsTheLargestMost) {
    const Values a = {1.0, 2.0, 3.0, 4.0, 5.0};
    const Values topExchanged = {1.0, 2.0, 3.0, 5.0, 4.0};
    const Values bottomExchanged = {2.0, 1.0, 3.0, 4.0, 5.0};
    EXPECT_NEAR(*weightedTau(a, a).value, 1.0, 1e-15);
    EXPECT_LT(*weightedTau(a, topExchanged).value, *weightedTau(a, bottomExchanged).value);
    // Weights 1, 1/2 and 1/3; of the sums 3/2, 4/3 and 5/6 the first is discordant.
    EXPECT_NEAR(*weightedTau(Values{3, 2, 1}, Values{2, 3, 1}).value,
                (4.0 / 3 + 5.0 / 6 - 1.5) / (11.0 / 3), 1e-15);
}

TEST(Correlation, SaysWhyItIsUndefined) {
    struct Case {
        Values a, b;
        const char* reason;
    };
    for (const auto& [a, b, reason] :
         {Case{{}, {}, "fewer than two values"}, Case{{1}, {2}, "fewer than two values"},
          Case{{0.1, 0.1, 0.1}, {1, 2, 3}, "all values are equal"},
          Case{{1, kNaN}, {1, 2}, "a value is not finite"},
          Case{{1, 2}, {1, kInfinity}, "a value is not finite"}}) {
        for (const auto& correlation : {pearson(a, b), spearman(a, b), kendallTauB(a, b),
                                        kendallTauC(a, b), Correlation{weightedTau(a, b), {}}}) {
            EXPECT_FALSE(correlation.coefficient.value || correlation.p.value);
            EXPECT_EQ(correlation.coefficient.reason, reason);
        }
    }
    EXPECT_TRUE(isUsageError([] { pearson(Values{1, 2}, Values{1, 2, 3}); }));
    EXPECT_TRUE(isUsageError([] { weightedTau(Values{1, 2}, Values{}); }));
}

TEST(Quantile, InterpolatesBetweenOrderStatistics) {
    const Values values = {4.0, 1.0, 3.0, 2.0};
    EXPECT_EQ(*quantile(values, 0.0).value, 1.0);
    EXPECT_EQ(*quantile(values, 0.5).value, 2.5);
    EXPECT_EQ(*quantile(values, 1.0).value, 4.0);
    EXPECT_EQ(*quantile(Values{7.0}, 0.3).value, 7.0);
    EXPECT_EQ(quantile(Values{}, 0.5).reason, "no values");
    EXPECT_EQ(quantile(Values{1.0, kNaN}, 0.5).reason, "a value is not finite");
    for (const double bad : {-0.1, 1.1, kNaN})
        EXPECT_TRUE(isUsageError([&] { quantile(values, bad); }));
}

TEST(McNemarTest, IsTheFairCoin) {
    EXPECT_NEAR(mcNemar(0, 10).exactP, std::pow(0.5, 9), 1e-18);
    EXPECT_NEAR(mcNemar(0, 10).midP, std::pow(0.5, 10), 1e-18);
    EXPECT_EQ(mcNemar(0, 0).exactP, 1.0);
    EXPECT_EQ(mcNemar(0, 0).chiSquare.p.reason, "no pair disagrees");
    EXPECT_EQ(mcNemar(7, 7).correctedChiSquare.p.value, 1.0);
    EXPECT_NEAR(mcNemar(1'000'000, 1'000'000).midP, 1.0, 1e-11);
    EXPECT_EQ(mcNemar(0, 1'000'000'000'000).exactP, 0.0);
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    EXPECT_TRUE(isUsageError([] { mcNemar(kMost, 1); }));
}

TEST(ClopperPearson, MatchesClosedFormsAndItsDefinition) {
    EXPECT_EQ(clopperPearson(0, 10).low, 0.0);
    EXPECT_NEAR(clopperPearson(0, 10).high, 1.0 - std::pow(0.025, 0.1), 1e-15);
    EXPECT_NEAR(clopperPearson(10, 10).low, std::pow(0.025, 0.1), 1e-15);
    EXPECT_EQ(clopperPearson(10, 10).high, 1.0);
    const Range middle = clopperPearson(3, 17, 0.9);
    EXPECT_NEAR(incompleteBeta(3, 15, middle.low), 0.05, 1e-14);   // P(X ≥ 3)
    EXPECT_NEAR(incompleteBeta(4, 14, middle.high), 0.95, 1e-14);  // 1 - P(X ≤ 3)
    EXPECT_EQ(clopperPearson(0, 0).low, 0.0);
    EXPECT_EQ(clopperPearson(0, 0).high, 1.0);
    EXPECT_LT(clopperPearson(1, 1'000'000'000'000).high, 1e-11);
    EXPECT_TRUE(isUsageError([] { clopperPearson(2, 1); }));
    for (const double level : {0.0, 1.0, kNaN})
        EXPECT_TRUE(isUsageError([&] { clopperPearson(1, 2, level); }));
}

TEST(PairedTests, ExactOnesCountChoicesOfSigns) {
    RandomStream stream(2, "signs");
    for (int trial = 0; trial < 20; ++trial) {
        const Values d = tiedDraws(stream, 8);
        Values sizes;
        for (const double v : d) {
            if (v != 0.0) sizes.push_back(std::abs(v));
        }
        const Values ranks = averageRanks(sizes);
        const double sum = std::abs(std::accumulate(d.begin(), d.end(), 0.0));
        const double w = *wilcoxonSignedRank(d).statistic.value;
        const std::size_t choices = std::size_t{1} << sizes.size();
        double asFar = 0, asSmall = 0;
        for (std::size_t bits = 0; bits < choices; ++bits) {
            double flipped = 0, plus = 0;
            for (std::size_t i = 0; i < sizes.size(); ++i) {
                const bool isPlus = (bits >> i & 1U) != 0;
                flipped += isPlus ? sizes[i] : -sizes[i];
                plus += isPlus ? ranks[i] : 0.0;
            }
            asFar += std::abs(flipped) >= sum ? 1.0 : 0.0;
            asSmall += plus <= w ? 1.0 : 0.0;
        }
        const auto count = static_cast<double>(choices);
        EXPECT_EQ(*signFlipTest(d).p.value, asFar / count);
        EXPECT_NEAR(*wilcoxonSignedRank(d).p.value, std::min(1.0, 2.0 * asSmall / count), 1e-15);
    }
}

TEST(PairedTests, SumsThatDifferByRoundingAreEqual) {
    RandomStream stream(4, "tenths");
    for (int trial = 0; trial < 50; ++trial) {
        const Values whole = tiedDraws(stream, 10);
        Values tenths;  // 0.1 + 0.2 is not 0.3 in doubles, 1 + 2 is 3
        for (const double v : whole) tenths.push_back(0.1 * v);
        EXPECT_EQ(*signFlipTest(tenths).p.value, *signFlipTest(whole).p.value);
    }
}

TEST(PairedTests, ZerosAreTreatedAsAsked) {
    const Values d = {0.0, 1.0, -2.0, 3.0};
    const auto w = [&](ZeroDifferences zeros) {
        return *wilcoxonSignedRank(d, zeros).statistic.value;
    };
    EXPECT_EQ(w(ZeroDifferences::Drop), 2.0);
    EXPECT_EQ(w(ZeroDifferences::Pratt), 3.0);
    EXPECT_EQ(w(ZeroDifferences::Split), 3.5);
    EXPECT_EQ(*signTest(d).statistic.value, 2.0);
    EXPECT_EQ(*signTest(d).p.value, 1.0);
}

TEST(PairedTests, SayWhyTheyAreUndefined) {
    for (const auto& test : {signTest, signFlipTest}) {
        EXPECT_EQ(test(Values{}).p.reason, "no differences");
        EXPECT_EQ(test(Values{1.0, kNaN}).p.reason, "a difference is not finite");
    }
    EXPECT_EQ(wilcoxonSignedRank(Values{}).p.reason, "no differences");
    EXPECT_EQ(wilcoxonSignedRank(Values{kInfinity}).statistic.reason, "a difference is not finite");
    EXPECT_EQ(
        wilcoxonSignedRank(Values{0.0}, ZeroDifferences::Drop, SignedRankNull::Normal).p.reason,
        "all differences are zero");
    EXPECT_FALSE(signFlipTest(Values(25, 1.0)).p.value);
    EXPECT_EQ(*signFlipTest(Values(25, 1.0)).statistic.value, 1.0);
    EXPECT_EQ(signFlipTest(Values(2, 1e308)).p.reason, "the sum is not finite");
    EXPECT_EQ(*signFlipTest(Values(25, 0.0)).p.value, 1.0);
    EXPECT_FALSE(wilcoxonSignedRank(Values(1001, 1.0), ZeroDifferences::Drop, SignedRankNull::Exact)
                     .p.value);
}

TEST(Corrections, KeepTheirOrderAndBounds) {
    EXPECT_EQ(holm(Values{0.01, 0.02}), (Values{0.02, 0.02}));
    EXPECT_EQ(benjaminiHochberg(Values{0.5, 0.04}), (Values{0.5, 0.08}));
    for (const auto& correct : {bonferroni, holm, benjaminiHochberg, benjaminiYekutieli}) {
        EXPECT_TRUE(correct(Values{}).empty());
        EXPECT_EQ(correct(Values{0.3}), Values{0.3});
        for (const double bad : {-0.01, 1.01, kNaN})
            EXPECT_TRUE(isUsageError([&] { correct(Values{0.5, bad}); }));
    }
}

TEST(Bootstrap, DrawsDependOnTheirKeyAlone) {
    const Values sample = {1.0, 2.0, 4.0, 8.0, 16.0};
    const Resampled few = bootstrap(5, meanOf(sample), {.seed = 7, .resamples = 10});
    const Resampled many = bootstrap(5, meanOf(sample), {.seed = 7, .resamples = 20});
    const Resampled other = bootstrap(5, meanOf(sample), {.seed = 8, .resamples = 10});
    EXPECT_TRUE(std::equal(few.values.begin(), few.values.end(), many.values.begin()));
    EXPECT_NE(few.values, other.values);
    EXPECT_EQ(*few.estimate.value, 6.2);
}

TEST(Bootstrap, StandardErrorOfTheMeanIsTheTextbooks) {
    Values sample;
    RandomStream stream(3, "normal");
    for (int i = 0; i < 100; ++i) sample.push_back(stream.normal());
    const double mean = std::accumulate(sample.begin(), sample.end(), 0.0) / 100.0;
    double squares = 0.0;
    for (const double v : sample) squares += (v - mean) * (v - mean);
    const Resampled resampled = bootstrap(100, meanOf(sample), {.seed = 1, .resamples = 4000});
    // The plug-in error of the mean; 4000 resamples leave 1.1 % (one standard deviation).
    EXPECT_NEAR(*standardError(resampled).value / (std::sqrt(squares) / 100.0), 1.0, 0.05);
    const Resampled jackknifed = jackknife(100, meanOf(sample));
    for (const Interval& interval : {percentileInterval(resampled), basicInterval(resampled),
                                     bcaInterval(resampled, jackknifed)}) {
        EXPECT_NEAR(interval.value->low, mean - 1.96 * std::sqrt(squares) / 100.0, 0.03);
        EXPECT_NEAR(interval.value->high, mean + 1.96 * std::sqrt(squares) / 100.0, 0.03);
    }
}

TEST(Bootstrap, IntervalsOfGivenResamplesFollowTheirDefinitions) {
    const Values sample = {0.0, 1.0};
    const std::vector<std::size_t> positions = {0, 0, 0, 1, 1, 0, 1, 1};  // means 0, ½, ½, 1
    const Resampled resampled = bootstrap(2, meanOf(sample), positions);
    EXPECT_EQ(resampled.values, (Values{0.0, 0.5, 0.5, 1.0}));
    EXPECT_NEAR(percentileInterval(resampled, 0.8).value->low, 0.15, 1e-15);
    EXPECT_NEAR(basicInterval(resampled, 0.8).value->low, 0.15, 1e-15);  // symmetric about ½
    EXPECT_EQ(*bcaBias(resampled).value, 0.0);
    EXPECT_EQ(*bcaAcceleration(jackknife(2, meanOf(sample))).value, 0.0);
    EXPECT_NEAR(bcaInterval(resampled, jackknife(2, meanOf(sample)), 0.8).value->low, 0.15, 1e-15);
    const double nearlyOne = std::nextafter(1.0, 0.0);
    EXPECT_EQ(bcaInterval(resampled, jackknife(2, meanOf(sample)), nearlyOne).value->high, 1.0);
}

TEST(Bootstrap, SaysWhyThereIsNoInterval) {
    const Values sample = {1.0, 2.0};
    const std::vector<std::size_t> same = {0, 1, 1, 1};
    const Statistic ratio = [&](std::span<const std::size_t> positions) {
        return finiteFigure(1.0 / (sample[positions[0]] - sample[positions[1]]));
    };
    const Resampled broken = bootstrap(2, ratio, same);
    EXPECT_TRUE(broken.values.empty());
    EXPECT_EQ(percentileInterval(broken).reason,
              "resample 1 has no value: the result is not finite");
    EXPECT_FALSE(standardError(broken).value || bcaBias(broken).value);
    EXPECT_EQ(percentileInterval(bootstrap(0, ratio, same)).reason, "the sample is empty");
    EXPECT_FALSE(bcaAcceleration(jackknife(1, ratio)).value);
    EXPECT_EQ(basicInterval(Resampled{}).reason, "no resamples");
    const Resampled oneSided = bootstrap(2, meanOf(sample), std::vector<std::size_t>{1, 1});
    EXPECT_EQ(bcaInterval(oneSided, jackknife(2, meanOf(sample))).reason,
              "the estimate lies outside all resampled values");
    const Statistic silent = [](std::span<const std::size_t>) { return Figure{}; };
    EXPECT_EQ(bootstrap(2, silent, same).reason, "the statistic has no value");
    // A statistic that gives NaN as a value is caught as well.
    const Statistic nan = [](std::span<const std::size_t>) { return Figure{kNaN, ""}; };
    EXPECT_EQ(bootstrap(2, nan, same).reason, "the result is not finite");
}

TEST(Bootstrap, RefusesWhatCannotBeMeant) {
    const Values sample = {1.0, 2.0};
    const auto mean = meanOf(sample);
    EXPECT_TRUE(isUsageError([&] { bootstrap(2, mean, std::vector<std::size_t>{0, 1, 1}); }));
    EXPECT_TRUE(isUsageError([&] { bootstrap(2, mean, std::vector<std::size_t>{0, 2}); }));
    EXPECT_TRUE(isUsageError([&] { bootstrap(2, mean, std::vector<std::size_t>{}); }));
    EXPECT_TRUE(isUsageError([&] { bootstrap(2, mean, {.resamples = 0}); }));
    EXPECT_TRUE(isUsageError([] { percentileInterval({}, 1.0); }));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(bootstrap(2, mean, ResamplePlan{}, RunContext(stop.get_token())), Error);
}

}  // namespace
}  // namespace driftlens
