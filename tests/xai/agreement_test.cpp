// Agreement and quadrature against closed forms.
#include "xai/metrics/agreement.h"

#include "xai/methods/quadrature.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftlens {
namespace {

TEST(Quadrature, GaussLegendreIntegratesPolynomialsExactly) {
    const Quadrature q = makeQuadrature("gauss_legendre", 4);
    // Abramowitz and Stegun, table 25.4, moved to [0, 1].
    EXPECT_NEAR(q.nodes[0], 0.0694318442029737, 1e-15);
    EXPECT_NEAR(q.weights[0], 0.1739274225687269, 1e-15);
    for (const int degree : {0, 3, 7}) {
        double sum = 0.0;
        for (std::size_t i = 0; i < q.nodes.size(); ++i)
            sum += q.weights[i] * std::pow(q.nodes[i], degree);
        EXPECT_NEAR(sum, 1.0 / (degree + 1), 1e-15);
    }
}

TEST(Quadrature, EveryRuleIntegratesAConstant) {
    for (const char* rule : {"gauss_legendre", "riemann_left", "riemann_right", "riemann_middle",
                             "riemann_trapezoid"}) {
        double sum = 0.0;
        for (const double weight : makeQuadrature(rule, 50).weights) sum += weight;
        EXPECT_NEAR(sum, 1.0, 1e-13) << rule;
    }
}

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
