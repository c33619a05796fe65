#include "xai/metrics/score_distance.h"

#include "xai/metrics/distribution.h"
#include "xai/metrics/ranking.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>

namespace driftlens {
namespace {

constexpr const char* kAllZero = "all scores are zero";

double sumOfMagnitudes(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0,
                           [](double sum, double v) { return sum + std::abs(v); });
}

double euclideanNorm(std::span<const double> values) {
    return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}

std::vector<double> difference(std::span<const double> a, std::span<const double> b) {
    std::vector<double> out(a.size());
    std::transform(b.begin(), b.end(), a.begin(), out.begin(), std::minus<>());
    return out;
}

std::vector<double> divided(std::span<const double> values, double norm) {
    std::vector<double> out;
    out.reserve(values.size());
    for (const double v : values) out.push_back(v / norm);
    return out;
}

using Norm = double (*)(std::span<const double>);

// The norm of the difference of both vectors, each first divided by its own norm.
Figure distanceOfNormalised(std::span<const double> a, std::span<const double> b, Norm norm) {
    const double ofA = norm(a), ofB = norm(b);
    if (ofA == 0.0 || ofB == 0.0) return undefinedFigure(kAllZero);
    return finiteFigure(norm(difference(divided(a, ofA), divided(b, ofB))));
}

double countSignFlips(std::span<const double> a, std::span<const double> b) {
    double count = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i)
        count += (a[i] > 0 && b[i] < 0) || (a[i] < 0 && b[i] > 0) ? 1.0 : 0.0;
    return count;
}

ScoreDistance undefinedDistance(const std::string& reason) {
    const Figure none = undefinedFigure(reason);
    return {none, none, none, none, none, none, none, none, none, none};
}

}  // namespace

ScoreDistance scoreDistance(std::span<const double> a, std::span<const double> b) {
    if (const auto reason = whyIncomparable(a, b); !reason.empty())
        return undefinedDistance(reason);
    const std::vector<double> change = difference(a, b);
    const std::vector<double> sizes = magnitudes(change);
    ScoreDistance out;
    out.l1 = finiteFigure(sumOfMagnitudes(change));
    out.l2 = finiteFigure(euclideanNorm(change));
    out.largest = finiteFigure(*std::max_element(sizes.begin(), sizes.end()));
    out.l1Relative = distanceOfNormalised(a, b, &sumOfMagnitudes);
    out.l2Relative = distanceOfNormalised(a, b, &euclideanNorm);
    out.massMoved = totalVariation(magnitudes(a), magnitudes(b));
    out.jsOfShares = jensenShannonBits(magnitudes(a), magnitudes(b));
    out.relativeL2 = relativeError(a, b);
    out.sqnrDecibel = signalToNoiseDecibel(a, b);
    out.signFlips = finiteFigure(countSignFlips(a, b));
    return out;
}

std::vector<double> shareGained(std::span<const double> a, std::span<const double> b) {
    if (!whyIncomparable(a, b).empty()) return {};
    const double ofA = sumOfMagnitudes(a), ofB = sumOfMagnitudes(b);
    if (ofA == 0.0 || ofB == 0.0 || !std::isfinite(ofA) || !std::isfinite(ofB)) return {};
    return difference(divided(magnitudes(a), ofA), divided(magnitudes(b), ofB));
}

Figure relativeError(std::span<const double> signal, std::span<const double> approximation) {
    const double size = euclideanNorm(signal);
    if (size == 0.0) return undefinedFigure("the reference is zero");
    return finiteFigure(euclideanNorm(difference(signal, approximation)) / size);
}

Figure signalToNoiseDecibel(std::span<const double> signal, std::span<const double> approximation) {
    const double size = euclideanNorm(signal);
    const double error = euclideanNorm(difference(signal, approximation));
    if (size == 0.0) return undefinedFigure("the reference is zero");
    if (error == 0.0) return undefinedFigure("infinite: there is no error");
    return finiteFigure(20.0 * std::log10(size / error));
}

}  // namespace driftlens
