#include "xai/faithfulness/complexity.h"

#include "core/base/error.h"
#include "xai/faithfulness/input.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace driftlens::faithfulness {
namespace {

// |scores|, ascending, with a largest of 1, so that no sum or square overflows; empty where all are
// zero.
std::vector<double> magnitudesOf(std::span<const double> scores) {
    checkScores(scores);
    std::vector<double> out;
    for (const double score : scores) out.push_back(std::abs(score));
    std::sort(out.begin(), out.end());
    const double largest = out.back();
    if (largest == 0.0) return {};
    for (double& magnitude : out) magnitude /= largest;
    return out;
}

double sumOf(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

Figure undefinedForZeros() {
    return undefinedFigure("all scores are zero");
}

}  // namespace

Figure giniOf(std::span<const double> scores) {
    const std::vector<double> magnitudes = magnitudesOf(scores);
    if (magnitudes.empty()) return undefinedForZeros();
    const auto n = static_cast<double>(magnitudes.size());
    double weighted = 0.0;
    for (std::size_t i = 0; i < magnitudes.size(); ++i) {
        weighted += (2.0 * static_cast<double>(i + 1) - n - 1.0) * magnitudes[i];
    }
    return finiteFigure(std::max(0.0, weighted / (n * sumOf(magnitudes))));
}

Figure entropyOf(std::span<const double> scores) {
    const std::vector<double> magnitudes = magnitudesOf(scores);
    if (magnitudes.empty()) return undefinedForZeros();
    const double total = sumOf(magnitudes);
    double entropy = 0.0;
    for (const double magnitude : magnitudes) {
        const double share = magnitude / total;
        if (share > 0.0) entropy -= share * std::log(share);
    }
    return finiteFigure(std::max(0.0, entropy));
}

Figure effectiveCountOf(std::span<const double> scores) {
    const Figure entropy = entropyOf(scores);
    return entropy.value ? finiteFigure(std::exp(*entropy.value)) : entropy;
}

Figure hoyerOf(std::span<const double> scores) {
    const std::vector<double> magnitudes = magnitudesOf(scores);
    if (magnitudes.empty()) return undefinedForZeros();
    if (magnitudes.size() == 1) return undefinedFigure("one unit is always all there is");
    const double root = std::sqrt(static_cast<double>(magnitudes.size()));
    const double length = std::sqrt(
        std::inner_product(magnitudes.begin(), magnitudes.end(), magnitudes.begin(), 0.0));
    return finiteFigure(std::clamp((root - sumOf(magnitudes) / length) / (root - 1.0), 0.0, 1.0));
}

std::size_t countAbove(std::span<const double> scores, double threshold) {
    checkScores(scores);
    if (!(threshold >= 0.0)) {
        throw Error(ErrorKind::Usage,
                    "a threshold of " + std::to_string(threshold) + " for magnitudes, at least 0");
    }
    return static_cast<std::size_t>(std::count_if(
        scores.begin(), scores.end(), [&](double score) { return std::abs(score) > threshold; }));
}

}  // namespace driftlens::faithfulness
