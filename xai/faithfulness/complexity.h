// How concentrated an explanation is. Of the magnitudes only: signs do not count.
#pragma once

#include "core/base/figure.h"

#include <cstddef>
#include <span>

namespace driftlens::faithfulness {

// All throw Error(Usage) for no scores and for one that is not finite, do not depend on the scale
// of the scores, and are undefined where all are zero: nothing is concentrated anywhere. Quantus
// adds 1e-7 to every magnitude instead, which makes the result depend on the scale.

// 0 for equal magnitudes, 1 − 1/n for a single one (Hurley and Rickard 2009): with magnitudes
// ascending, Σ (2i − n − 1) a_i / (n Σ a_i).
Figure giniOf(std::span<const double> scores);

// −Σ p ln p of the shares p = |score| / Σ |scores| (Bhatt et al. 2020), in nats.
Figure entropyOf(std::span<const double> scores);

// exp(entropy): among how many units of equal share that would be (Hill 1973).
Figure effectiveCountOf(std::span<const double> scores);

// (√n − ‖a‖₁ / ‖a‖₂) / (√n − 1), 0 for equal magnitudes and 1 for a single one (Hoyer 2004).
// Undefined for one unit.
Figure hoyerOf(std::span<const double> scores);

// How many magnitudes are above a threshold ≥ 0, else Error(Usage). In the scores' own unit.
std::size_t countAbove(std::span<const double> scores, double threshold);

}  // namespace driftlens::faithfulness
