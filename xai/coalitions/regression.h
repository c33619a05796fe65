// Weighted linear regressions with an intercept that is not penalised, in float64.
#pragma once

#include "xai/coalitions/coalition.h"

#include <Eigen/Core>

namespace driftlens::coalitions {

// x [rows, features], y [rows] and weights [rows]; weights are not negative and not all 0.
struct Regression {
    Eigen::MatrixXd x;
    Eigen::VectorXd y;
    Eigen::VectorXd weights;

    // The same with these features only, in this order.
    Regression with(std::span<const std::size_t> features) const;
};

struct LinearFit {
    Eigen::VectorXd coefficients;  // [features]
    double intercept = 0.0;
};

// Membership as 0 and 1: [coalitions, players].
Eigen::MatrixXd membership(std::span<const Coalition> coalitions);

// Minimises Σ w (y − x·b − c)² + alpha |b|² (Hoerl and Kennard 1970; scikit-learn's Ridge). For
// alpha = 0 of the solutions the one with the least |b|. alpha ≥ 0.
LinearFit ridge(const Regression& data, double alpha);

// Minimises Σ w (y − x·b − c)² / (2 Σ w) + alpha |b|₁ (Tibshirani 1996; scikit-learn's Lasso) by
// coordinate descent (Friedman et al. 2010) until no coefficient moves the fit by more than 1e-13
// of the spread of y. Throws Error(Numeric) if that takes more than 100 000 sweeps. alpha ≥ 0.
LinearFit lasso(const Regression& data, double alpha);

// The features of the Lasso with the smallest penalty at which the path (Efron et al. 2004, "Least
// angle regression") has a corner and at most `most` features: ascending, none for most = 0.
std::vector<std::size_t> lassoPathFeatures(const Regression& data, std::size_t most);

// Standard errors of a ridge's coefficients if the rows from `firstDrawn` on were drawn, one by
// one, and the others are fixed: the sandwich of White 1980 with each residual divided by 1 − its
// leverage (MacKinnon and White 1985, HC3). They measure the chance of the draw about the fit that
// all draws together would give, not that fit's own bias. At least two rows are drawn.
Eigen::VectorXd ridgeErrors(const Regression& data, const LinearFit& fit, double alpha,
                            Eigen::Index firstDrawn = 0);

// The weighted R²; 1 if y does not vary and is met, 0 if it does not vary and is not.
double determination(const Regression& data, const LinearFit& fit);

}  // namespace driftlens::coalitions
