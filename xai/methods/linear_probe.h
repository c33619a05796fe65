// A linear classifier on activations: the concept activation vector.
#pragma once

#include <Eigen/Core>

#include <cstdint>

namespace driftlens {

// L2-regularised logistic regression: minimises ½|w|² + C Σ log(1 + exp(−y (w·x + b))) with y = ±1;
// the intercept is not penalised (scikit-learn's LogisticRegression, liblinear's and lbfgs's
// objective). Newton's method in float64 to convergence, in the span of the rows, where the
// solution lies.
struct LinearProbe {
    Eigen::VectorXd weights;  // [features]
    double intercept = 0.0;
    bool says(const Eigen::VectorXd& x) const { return weights.dot(x) + intercept > 0.0; }
};

// positives and negatives [examples, features], at least one row each. Throws Error(Numeric) for
// values that are not finite.
LinearProbe fitProbe(const Eigen::MatrixXd& positives, const Eigen::MatrixXd& negatives,
                     double c = 1.0);

double accuracyOf(const LinearProbe& probe, const Eigen::MatrixXd& positives,
                  const Eigen::MatrixXd& negatives);

// Mean accuracy over folds that were not fitted; example i of a class is in fold i mod folds. Every
// class needs `folds` examples or more.
double heldOutAccuracy(const Eigen::MatrixXd& positives, const Eigen::MatrixXd& negatives,
                       std::int64_t folds, double c = 1.0);

}  // namespace driftlens
