// How far a variant's scores b lie from a reference's a. Free of methods and of LibTorch.
#pragma once

#include "core/base/figure.h"

#include <span>
#include <vector>

namespace driftlens {

// A share is |score| by the sum of all |scores|; shares are undefined where all scores are zero.
struct ScoreDistance {
    Figure l1;           // summed |difference|
    Figure l2;           // Euclidean
    Figure largest;      // l∞
    Figure l1Relative;   // l1 of both divided by their own l1 norms, signs kept; in [0, 2]
    Figure l2Relative;   // l2 of both divided by their own l2 norms; in [0, 2]
    Figure massMoved;    // the part of the shares that lies on other tokens; in [0, 1]
    Figure jsOfShares;   // Jensen-Shannon divergence of the shares, in bits
    Figure relativeL2;   // l2 by the l2 norm of a
    Figure sqnrDecibel;  // 10 lg(|a|² / |a - b|²)
    Figure signFlips;    // how many scores went through zero: positive to negative or back
};

// Undefined where a score is not finite. Throws Error(Internal) if the lengths differ.
ScoreDistance scoreDistance(std::span<const double> a, std::span<const double> b);

// From where to where the mass moved: b's share of each token minus a's. What was gained and what
// was lost are massMoved each. Empty where massMoved is undefined.
std::vector<double> shareGained(std::span<const double> a, std::span<const double> b);

// Of any two vectors of finite numbers of one length: the error's norm by the signal's, and the
// ratio of their energies.
Figure relativeError(std::span<const double> signal, std::span<const double> approximation);
Figure signalToNoiseDecibel(std::span<const double> signal, std::span<const double> approximation);

}  // namespace driftlens
