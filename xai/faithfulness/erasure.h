// Comprehensiveness and sufficiency (DeYoung et al. 2020, "ERASER"): what the most important
// fractions of a text are worth when they are removed and when only they are kept.
#pragma once

#include "xai/faithfulness/curves.h"

#include <array>

namespace driftlens::faithfulness {

inline constexpr std::array<double, 5> kEraserBins = {0.01, 0.05, 0.1, 0.2, 0.5};

// One entry per bin.
struct Erasure {
    std::vector<std::size_t> counts;        // k = ⌈q · units⌉
    std::vector<double> comprehensiveness;  // v(all) − v(all but the first k): higher is better
    std::vector<double> sufficiency;        // v(all) − v(the first k): lower is better
    // Carton et al. 2020, "Evaluating and characterizing human rationales", with
    // d = max(0, v(all) − v(none)): max(0, comprehensiveness) / d and
    // 1 − max(0, sufficiency) / d. Higher is better for both; free of the unit of the values;
    // undefined where d = 0.
    std::vector<Figure> normalisedComprehensiveness;
    std::vector<Figure> normalisedSufficiency;
};

// Throws Error(Usage) for no bin and for one outside (0, 1].
void checkBins(std::span<const double> bins);

// Throws what checkBins throws.
Erasure erasureOf(const Curves& curves, std::span<const double> bins = kEraserBins);

// The mean over the bins: what ERASER's program gives.
Figure binMean(std::span<const double> values);
// Of figures: undefined as soon as one is.
Figure binMean(std::span<const Figure> values);
// Σ / (bins + 1), the formula of ERASER's paper: its sum has a term k = 0, which is 0.
Figure paperMean(std::span<const double> values);

}  // namespace driftlens::faithfulness
