#include "xai/methods/quadrature.h"

#include "core/base/error.h"

#include <cmath>
#include <numbers>
#include <string>

namespace driftlens {
namespace {

// Newton's method on the Legendre polynomial P_n, from Tricomi's starting points (Press et al.,
// Numerical Recipes, 4.6); nodes ascend.
Quadrature gaussLegendre(std::int64_t count) {
    Quadrature out;
    const auto n = static_cast<double>(count);
    for (std::int64_t i = count; i >= 1; --i) {
        double x = std::cos(std::numbers::pi * (static_cast<double>(i) - 0.25) / (n + 0.5));
        double derivative = 1.0;
        for (int step = 0; step < 100; ++step) {
            double value = 1.0;
            double previous = 0.0;
            for (std::int64_t k = 1; k <= count; ++k) {
                const auto d = static_cast<double>(k);
                const double next = ((2.0 * d - 1.0) * x * value - (d - 1.0) * previous) / d;
                previous = value;
                value = next;
            }
            derivative = n * (x * value - previous) / (x * x - 1.0);
            const double change = value / derivative;
            x -= change;
            if (std::abs(change) < 1e-15) break;
        }
        out.nodes.push_back(0.5 * (1.0 + x));
        out.weights.push_back(1.0 / ((1.0 - x * x) * derivative * derivative));
    }
    return out;
}

Quadrature riemann(std::int64_t count, double shift) {
    Quadrature out;
    const auto n = static_cast<double>(count);
    for (std::int64_t i = 0; i < count; ++i) {
        out.nodes.push_back((static_cast<double>(i) + shift) / n);
        out.weights.push_back(1.0 / n);
    }
    return out;
}

Quadrature trapezoid(std::int64_t count) {
    if (count < 2) throw Error(ErrorKind::Usage, "riemann_trapezoid needs at least 2 nodes");
    Quadrature out;
    const auto steps = static_cast<double>(count - 1);
    for (std::int64_t i = 0; i < count; ++i) {
        out.nodes.push_back(static_cast<double>(i) / steps);
        out.weights.push_back((i == 0 || i + 1 == count ? 0.5 : 1.0) / steps);
    }
    return out;
}

Quadrature exactRule(std::string_view rule, std::int64_t count) {
    if (rule == "gauss_legendre") return gaussLegendre(count);
    if (rule == "riemann_left") return riemann(count, 0.0);
    if (rule == "riemann_right") return riemann(count, 1.0);
    if (rule == "riemann_middle") return riemann(count, 0.5);
    if (rule == "riemann_trapezoid") return trapezoid(count);
    throw Error(ErrorKind::Usage, "unknown quadrature rule " + std::string(rule));
}

}  // namespace

Quadrature makeQuadrature(std::string_view rule, std::int64_t count, std::string_view weights) {
    Quadrature out = exactRule(rule, count);
    if (weights == "exact") return out;
    const auto rounded = [](double x) { return static_cast<double>(static_cast<float>(x)); };
    const auto n = static_cast<double>(count);
    const double shrink = rule == "riemann_trapezoid" ? (n - 1.0) / n : 1.0;
    for (double& weight : out.weights) weight = rounded(weight * shrink);
    if (rule != "gauss_legendre")
        for (double& node : out.nodes) node = rounded(node);
    return out;
}

}  // namespace driftlens
