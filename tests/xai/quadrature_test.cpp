// Quadrature against closed forms.
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

}  // namespace
}  // namespace driftlens
