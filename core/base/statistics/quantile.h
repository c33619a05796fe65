// Quantiles by linear interpolation between order statistics: type 7 of Hyndman and Fan 1996,
// "Sample quantiles in statistical packages".
#pragma once

#include "core/base/figure.h"

#include <span>

namespace driftlens {

// Undefined for no values and for a value that is not finite. Throws Error(Usage) if probability
// lies outside [0, 1].
Figure quantile(std::span<const double> values, double probability);

// The same of finite values that are sorted already; there is at least one.
double quantileOfSorted(std::span<const double> sorted, double probability);

}  // namespace driftlens
