#include "xai/metrics/rank_biased_overlap.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace driftlens {
namespace {

void checkPersistence(double p) {
    if (!(p > 0.0 && p < 1.0)) {
        throw Error(ErrorKind::Usage,
                    "rank-biased overlap: p = " + std::to_string(p) + " is not in (0, 1)");
    }
}

// How many items the first d of each have in common, for d = 1 to the longer length.
std::vector<double> overlaps(std::span<const std::size_t> a, std::span<const std::size_t> b) {
    std::map<std::size_t, std::size_t> placeInA;
    for (std::size_t i = 0; i < a.size(); ++i) placeInA.emplace(a[i], i);
    std::vector<double> out(std::max(a.size(), b.size()), 0.0);
    for (std::size_t j = 0; j < b.size(); ++j) {
        const auto found = placeInA.find(b[j]);
        if (found != placeInA.end()) out[std::max(j, found->second)] += 1.0;
    }
    for (std::size_t d = 1; d < out.size(); ++d) out[d] += out[d - 1];
    return out;
}

}  // namespace

Figure extrapolatedOverlap(std::span<const std::size_t> a, std::span<const std::size_t> b,
                           double p) {
    checkPersistence(p);
    if (a.empty() || b.empty()) return undefinedFigure("no tokens");
    const std::vector<double> x = overlaps(a, b);
    const std::size_t shortLength = std::min(a.size(), b.size());
    const auto s = static_cast<double>(shortLength);
    const auto l = static_cast<double>(x.size());
    const double xs = x[shortLength - 1];
    double sum = 0.0, weight = 1.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto d = static_cast<double>(i + 1);
        weight *= p;
        sum += x[i] / d * weight;
        if (i >= shortLength) sum += xs * (d - s) / (s * d) * weight;
    }
    return finiteFigure((1.0 - p) / p * sum + ((x.back() - xs) / l + xs / s) * weight);
}

Figure leastOverlap(std::span<const std::size_t> a, std::span<const std::size_t> b, double p) {
    checkPersistence(p);
    if (a.empty() || b.empty()) return undefinedFigure("no tokens");
    const std::size_t depth = std::min(a.size(), b.size());
    const std::vector<double> x = overlaps(a.first(depth), b.first(depth));
    double sum = 0.0, weight = 1.0;
    for (std::size_t i = 0; i < depth; ++i) {
        weight *= p;
        sum += (x[i] - x.back()) * weight / static_cast<double>(i + 1);
    }
    return finiteFigure((1.0 - p) / p * (sum - x.back() * std::log1p(-p)));
}

std::vector<double> averageOverlap(std::span<const std::size_t> a, std::span<const std::size_t> b) {
    const std::size_t depth = std::min(a.size(), b.size());
    const std::vector<double> x = overlaps(a.first(depth), b.first(depth));
    std::vector<double> out;
    double sum = 0.0;
    for (std::size_t i = 0; i < depth; ++i) {
        const auto d = static_cast<double>(i + 1);
        sum += x[i] / d;
        out.push_back(sum / d);
    }
    return out;
}

Figure overlapByChance(std::size_t n, double p) {
    checkPersistence(p);
    if (n == 0) return undefinedFigure("no tokens");
    // Each of the first d items of one is among the first d of the other with probability d / n.
    double sum = 0.0, weight = 1.0;
    for (std::size_t d = 1; d <= n; ++d) {
        weight *= p;
        sum += static_cast<double>(d) / static_cast<double>(n) * weight;
    }
    return finiteFigure((1.0 - p) / p * sum + weight);
}

}  // namespace driftlens
