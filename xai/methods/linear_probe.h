// A linear classifier on activations: the concept activation vector.
#pragma once

#include "core/tensor.h"

#include <cstdint>

namespace driftlens {

// L2-regularised logistic regression: minimises ½|w|² + C Σ log(1 + exp(−y (w·x + b))) with y = ±1;
// the intercept is not penalised (the objective of scikit-learn's LogisticRegression). Newton's
// method in float64 to convergence, in the span of the rows, where the solution lies.
struct LinearProbe {
    at::Tensor weights;  // float64 [features]
    double intercept = 0.0;
    at::Tensor margins(const at::Tensor& rows) const;  // float64 [examples]: w·x + b
};

// positives and negatives float64 [examples, features], at least one row each. Throws
// Error(Numeric) for values that are not finite.
LinearProbe fitProbe(const at::Tensor& positives, const at::Tensor& negatives, double c = 1.0);

double accuracyOf(const LinearProbe& probe, const at::Tensor& positives,
                  const at::Tensor& negatives);

// Mean accuracy over folds that were not fitted; example i of a class is in fold i mod folds. Every
// class needs `folds` examples or more.
double heldOutAccuracy(const at::Tensor& positives, const at::Tensor& negatives, std::int64_t folds,
                       double c = 1.0);

}  // namespace driftlens
