// Agreement against closed forms.
#include "xai/metrics/agreement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace driftlens {
namespace {

TEST(Agreement, MatchesHandComputedFigures) {
    const std::vector<double> a = {3.0, -2.0, 1.0, 0.0};
    const std::vector<double> b = {2.0, -3.0, 1.0, 0.5};
    EXPECT_NEAR(*cosine(a, b).value, 13.0 / std::sqrt(14.0 * 14.25), 1e-15);
    const Agreement all = agreementOf(a, b);
    EXPECT_NEAR(*all.spearman.value, 1.0, 1e-15);  // the same signed order
    EXPECT_NEAR(*all.kendall.value, 1.0, 1e-15);
    EXPECT_NEAR(*all.jaccard.at(1).value, 0.0, 0.0);
    EXPECT_NEAR(*all.jaccard.at(3).value, 1.0, 0.0);
    EXPECT_NEAR(*all.rankAgreement.at(3).value, 1.0 / 3.0, 1e-15);
    EXPECT_FALSE(all.jaccard.at(5).value.has_value());
}

TEST(Agreement, SaysWhyAFigureIsUndefined) {
    const std::vector<double> flat = {1.0, 1.0};
    EXPECT_FALSE(agreementOf(flat, flat).spearman.value.has_value());
    EXPECT_EQ(agreementOf(flat, flat).spearman.reason, "all values are equal");
    EXPECT_NEAR(*rankBiasedOverlap(flat, flat).value, 1.0, 1e-15);
}

}  // namespace
}  // namespace driftlens
