// The arithmetic of infidelity and of maximum sensitivity (Yeh et al. 2019, "On the (in)fidelity
// and sensitivity of explanations"). The model's part is computed before: draws of a perturbation I
// of the input x, and what the model and the explanation make of x − I or x + I.
#pragma once

#include "core/base/figure.h"

#include <span>
#include <vector>

namespace driftlens::faithfulness {

// One entry per draw.
struct PerturbationResponses {
    // Σ I ⊙ φ. For an explanation that has the input as a factor (input × gradient, Integrated
    // Gradients) I is the change as a share of it, (x − x̃) / (x − baseline), as captum advises.
    std::vector<double> products;
    std::vector<double> changes;  // F(x) − F(x − I)
};

// Both throw Error(Usage) for no draw, lists of different length and a value that is not finite.

// The mean of (Σ I ⊙ φ − change)².
Figure infidelityOf(const PerturbationResponses& responses);

// The same with φ scaled by β = Σ product · change / Σ product², which makes it least (captum's
// normalize=True). Where all products are zero no β matters.
Figure normalisedInfidelityOf(const PerturbationResponses& responses);

// An explanation and those of inputs nearby, each with all its entries in a row.
struct NearbyExplanations {
    std::vector<double> original;
    std::vector<std::vector<double>> nearby;
};

// The largest ‖φ(x) − φ(x + I)‖ / ‖φ(x)‖ (Frobenius). Undefined for an explanation of zeros; captum
// divides by 1 there, which is another quantity. Throws Error(Usage) for nothing nearby, lists of
// different length and a value that is not finite.
Figure maxSensitivityOf(const NearbyExplanations& explanations);

}  // namespace driftlens::faithfulness
