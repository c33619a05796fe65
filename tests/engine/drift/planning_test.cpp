// Clusters, families of tests, and the number of examples a question needs.
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/statistics/paired_tests.h"
#include "engine/drift/resampling.h"
#include "engine/drift/sample_size.h"
#include "engine/drift/test_family.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace driftlens {
namespace {

Statistic meanOver(const std::vector<double>& values) {
    return [&values](std::span<const std::size_t> rows) {
        double sum = 0.0;
        for (const std::size_t row : rows) sum += values[row];
        return finiteFigure(sum / static_cast<double>(rows.size()));
    };
}

TEST(Clusters, KeepTheirRowsTogether) {
    const std::vector<std::string> ids = {"a", "b", "a", "c", "b"};
    const Clusters clusters = clustersOf(ids);
    EXPECT_EQ(clusters, (Clusters{{0, 2}, {1, 4}, {3}}));
    std::set<std::size_t> sizes;
    const Statistic check = [&](std::span<const std::size_t> rows) {
        std::vector<int> times(ids.size(), 0);
        for (const std::size_t row : rows) ++times[row];
        EXPECT_EQ(times[0], times[2]);
        EXPECT_EQ(times[1], times[4]);
        sizes.insert(rows.size());
        return Figure{1.0, ""};
    };
    EXPECT_EQ(clusterBootstrap(clusters, check, {.resamples = 200}).values.size(), 200U);
    EXPECT_EQ(sizes, (std::set<std::size_t>{3, 4, 5, 6}));  // three clusters of 2, 2 and 1
}

TEST(Clusters, OfOneRowEachAreThePlainBootstrap) {
    std::vector<std::string> ids;
    std::vector<double> values;
    RandomStream random(8, "values");
    for (int i = 0; i < 30; ++i) {
        ids.push_back(std::to_string(i));
        values.push_back(random.normal());
    }
    const Statistic mean = meanOver(values);
    const ResamplePlan plan = {.seed = 3, .resamples = 50};
    const Clusters clusters = clustersOf(ids);
    EXPECT_EQ(clusterBootstrap(clusters, mean, plan).values, bootstrap(30, mean, plan).values);
    EXPECT_EQ(clusterJackknife(clusters, mean).values, jackknife(30, mean).values);
}

// Copies of a row say nothing new: the interval must not shrink by them.
TEST(Clusters, OfCopiesLeaveTheErrorAsItWas) {
    constexpr std::size_t kRows = 40, kCopies = 9;
    RandomStream random(9, "values");
    std::vector<double> once, copies;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < kRows; ++i) {
        once.push_back(random.normal());
        for (std::size_t copy = 0; copy < kCopies; ++copy) {
            copies.push_back(once.back());
            ids.push_back(std::to_string(i));
        }
    }
    const ResamplePlan plan = {.seed = 4, .resamples = 500};
    const double honest = *standardError(bootstrap(kRows, meanOver(once), plan)).value;
    const double clustered =
        *standardError(clusterBootstrap(clustersOf(ids), meanOver(copies), plan)).value;
    const double naive = *standardError(bootstrap(copies.size(), meanOver(copies), plan)).value;
    EXPECT_NEAR(clustered, honest, 1e-12);
    EXPECT_LT(naive, 0.5 * honest);  // a third of it, up to the resampling
}

TEST(StratifiedBootstrap, KeepsTheNumberOfPositives) {
    const std::vector<std::uint8_t> isPositive = {0, 0, 1, 0, 0, 0, 0, 0, 0, 1};
    std::set<std::vector<std::size_t>> draws;
    const Statistic count = [&](std::span<const std::size_t> rows) {
        double positives = 0.0;
        for (const std::size_t row : rows) positives += isPositive[row];
        draws.emplace(rows.begin(), rows.end());
        return Figure{positives, ""};
    };
    const Resampled resampled = stratifiedBootstrap(isPositive, count, {.resamples = 100});
    EXPECT_EQ(resampled.values, std::vector<double>(100, 2.0));
    EXPECT_GT(draws.size(), 90U);
    EXPECT_THROW(stratifiedBootstrap(isPositive, count, {.resamples = 0}), Error);
}

TEST(TestFamily, CorrectsDeclaredTestsApartFromTheRest) {
    const std::vector<EndpointTest> tests = {{"flip_rate", true, {0.01, ""}},
                                             {"kl", false, {0.01, ""}},
                                             {"spearman", true, {0.04, ""}},
                                             {"js", false, {0.04, ""}},
                                             {"cosine", false, {0.5, ""}}};
    const std::vector<AdjustedTest> adjusted = adjustTests(tests);
    EXPECT_EQ(adjusted[0].label, "primary, Holm over 2");
    EXPECT_NEAR(*adjusted[0].adjusted.value, 0.02, 1e-15);
    EXPECT_NEAR(*adjusted[2].adjusted.value, 0.04, 1e-15);
    EXPECT_EQ(adjusted[1].label, "exploratory, Benjamini-Hochberg over 3");
    EXPECT_NEAR(*adjusted[1].adjusted.value, 0.03, 1e-15);
    EXPECT_NEAR(*adjusted[3].adjusted.value, 0.06, 1e-15);
}

TEST(TestFamily, DoesNotForgetDeclaredTestsThatFailed) {
    const std::vector<AdjustedTest> adjusted = adjustTests(
        std::vector<EndpointTest>{{"a", true, {0.02, ""}}, {"b", true, undefinedFigure("absent")}});
    EXPECT_NEAR(*adjusted[0].adjusted.value, 0.04, 1e-15);
    EXPECT_EQ(adjusted[1].adjusted.reason, "absent");
    EXPECT_THROW(adjustTests(std::vector<EndpointTest>{{"a", true, {1.5, ""}}}), Error);
    EXPECT_TRUE(adjustTests({}).empty());
}

TEST(SampleSize, IsTheFirstAtWhichNoFlipsArePrecise) {
    EXPECT_EQ(*examplesForNoFlips(0.02).value, 183.0);
    for (const double rate : {0.5, 0.1, 0.02, 0.003}) {
        for (const double level : {0.9, 0.95, 0.99}) {
            const auto n = static_cast<std::uint64_t>(*examplesForNoFlips(rate, level).value);
            EXPECT_LE(clopperPearson(0, n, level).high, rate);
            EXPECT_GT(clopperPearson(0, n - 1, level).high, rate);
        }
    }
    EXPECT_EQ(examplesForNoFlips(1e-13).reason, "more than 10^12 examples");
    for (const double rate : {0.0, 1.0, -0.1, std::nan("")})
        EXPECT_THROW(examplesForNoFlips(rate), Error) << rate;
}

TEST(SampleSize, OfAMarginGrowsWithTheSquareOfTheDeviation) {
    const MarginPlan plan = examplesForMargin(0.1, 1.0);
    EXPECT_EQ(*plan.forMaterial.value, std::ceil(std::pow((1.959964 + 0.841621) * 10.0, 2)));
    EXPECT_EQ(*plan.forImmaterial.value, std::ceil(std::pow((1.644854 + 1.281552) * 10.0, 2)));
    EXPECT_EQ(*plan.examples.value, 857.0);
    EXPECT_NEAR(*examplesForMargin(0.1, 2.0).examples.value, 4.0 * 857.0, 4.0);
    EXPECT_EQ(*examplesForMargin(0.1, 0.0).examples.value, 1.0);
    EXPECT_EQ(examplesForMargin(1e-9, 1.0).examples.reason, "more than 10^12 examples");
    EXPECT_THROW(examplesForMargin(0.0, 1.0), Error);
    EXPECT_THROW(examplesForMargin(0.1, -1.0), Error);
    EXPECT_THROW(examplesForMargin(0.1, std::nan("")), Error);
    EXPECT_THROW(examplesForMargin(0.1, 1.0, 1.0), Error);
}

}  // namespace
}  // namespace driftlens
