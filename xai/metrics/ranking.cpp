#include "xai/metrics/ranking.h"

#include "core/base/error.h"
#include "core/base/statistics/distributions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace driftlens {

std::vector<std::size_t> rankingByMagnitude(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
        return std::abs(values[i]) > std::abs(values[j]);
    });
    return order;
}

std::vector<double> magnitudes(std::span<const double> values) {
    std::vector<double> out;
    out.reserve(values.size());
    for (const double v : values) out.push_back(std::abs(v));
    return out;
}

bool haveSameSign(double a, double b) {
    return (a > 0) == (b > 0) && (a < 0) == (b < 0);
}

std::string whyIncomparable(std::span<const double> a, std::span<const double> b) {
    if (a.size() != b.size())
        throw Error(ErrorKind::Internal, "agreement: score vectors differ in length");
    if (a.empty()) return "no tokens";
    if (!allFinite(a) || !allFinite(b)) return "a score is not finite";
    return "";
}

std::vector<double> selected(std::span<const double> values, std::span<const std::uint8_t> mask) {
    if (values.size() != mask.size())
        throw Error(ErrorKind::Internal, "agreement: scores and mask differ in length");
    std::vector<double> out;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (mask[i] != 0) out.push_back(values[i]);
    }
    return out;
}

}  // namespace driftlens
