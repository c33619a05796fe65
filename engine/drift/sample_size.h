// How many examples a question needs, before they are computed.
#pragma once

#include "core/base/figure.h"

#include <cstdint>

namespace driftlens {

// The fewest examples of which none flips with an upper bound (Clopper and Pearson, two-sided of
// that level) of at most this rate: 183 for 0.02. Throws Error(Usage) if rate or level is not in
// (0, 1). Undefined beyond 10^12.
Figure examplesForNoFlips(double rate, double level = 0.95);

// What a margin needs of the mean drift of examples with this standard deviation (of a pilot), by
// the normal approximation of the verdict's rule.
struct MarginPlan {
    Figure forMaterial;    // drift of twice the margin is called material with this power
    Figure forImmaterial;  // no drift at all is called immaterial with this power
    Figure examples;       // the larger of both
};
// Throws Error(Usage) if margin is not above 0, the deviation is below, or power is not in (0, 1).
MarginPlan examplesForMargin(double margin, double standardDeviation, double power = 0.8);

}  // namespace driftlens
