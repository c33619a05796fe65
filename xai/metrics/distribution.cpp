#include "xai/metrics/distribution.h"

#include "core/base/error.h"
#include "core/base/statistics/distributions.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>
#include <vector>

namespace driftlens {
namespace {

// A distribution that adds up to 1, or why the weights are none.
struct Normalised {
    std::vector<double> values;
    std::string reason;
};

Normalised normalised(std::span<const double> weights) {
    if (!allFinite(weights)) return {{}, "a weight is not finite"};
    if (std::any_of(weights.begin(), weights.end(), [](double w) { return w < 0.0; }))
        return {{}, "a weight is negative"};
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (sum == 0.0) return {{}, "there is no mass"};
    if (!std::isfinite(sum)) return {{}, "the result is not finite"};
    Normalised out;
    for (const double w : weights) out.values.push_back(w / sum);
    return out;
}

// `distance` of both distributions, where they are some.
template <typename Distance>
Figure distanceOf(std::span<const double> p, std::span<const double> q, const Distance& distance) {
    if (p.size() != q.size())
        throw Error(ErrorKind::Internal, "divergence: distributions differ in length");
    const Normalised a = normalised(p);
    if (!a.reason.empty()) return undefinedFigure(a.reason);
    const Normalised b = normalised(q);
    if (!b.reason.empty()) return undefinedFigure(b.reason);
    return distance(a.values, b.values);
}

double divergenceTerm(double p, double q) {
    return p > 0.0 ? p * std::log(p / q) : 0.0;
}

}  // namespace

Figure jensenShannonBits(std::span<const double> p, std::span<const double> q) {
    return distanceOf(p, q, [](const std::vector<double>& a, const std::vector<double>& b) {
        double sum = 0.0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            const double middle = 0.5 * (a[i] + b[i]);
            sum += divergenceTerm(a[i], middle) + divergenceTerm(b[i], middle);
        }
        return finiteFigure(std::clamp(0.5 * sum / std::numbers::ln2, 0.0, 1.0));
    });
}

Figure klDivergenceNats(std::span<const double> p, std::span<const double> q) {
    return distanceOf(p, q, [](const std::vector<double>& a, const std::vector<double>& b) {
        double sum = 0.0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (a[i] > 0.0 && b[i] == 0.0)
                return undefinedFigure("infinite: mass where the other has none");
            sum += divergenceTerm(a[i], b[i]);
        }
        return finiteFigure(std::max(0.0, sum));
    });
}

Figure totalVariation(std::span<const double> p, std::span<const double> q) {
    return distanceOf(p, q, [](const std::vector<double>& a, const std::vector<double>& b) {
        double sum = 0.0;
        for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
        return finiteFigure(0.5 * sum);
    });
}

Figure entropyBits(std::span<const double> p) {
    const Normalised distribution = normalised(p);
    if (!distribution.reason.empty()) return undefinedFigure(distribution.reason);
    double sum = 0.0;
    for (const double v : distribution.values) sum -= v > 0.0 ? v * std::log2(v) : 0.0;
    return finiteFigure(std::max(0.0, sum));
}

}  // namespace driftlens
