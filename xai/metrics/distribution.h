// Distances of two discrete distributions, given as probabilities.
#pragma once

#include "core/base/figure.h"

#include <span>

namespace driftlens {

// p and q need not add up to 1: they are divided by their sums. All throw Error(Internal) if the
// lengths differ, and have no value without any mass, or for a weight that is negative or not
// finite.

// In bits, in [0, 1]; its square root is the Jensen-Shannon distance.
Figure jensenShannonBits(std::span<const double> p, std::span<const double> q);

// KL(p ‖ q) in nats; undefined where it is infinite.
Figure klDivergenceNats(std::span<const double> p, std::span<const double> q);

// Half of the summed |difference|: the mass that has to move to make q of p.
Figure totalVariation(std::span<const double> p, std::span<const double> q);

Figure entropyBits(std::span<const double> p);

}  // namespace driftlens
