// Nodes and weights on [0, 1] for path integrals.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace driftlens {

struct Quadrature {
    std::vector<double> nodes, weights;
};

// gauss_legendre (exact for polynomials of degree 2n − 1), riemann_left, riemann_right,
// riemann_middle, riemann_trapezoid (weights 1/(n−1), halved at the ends). Weights "exact", or
// "captum": as Captum 0.9 has them, rounded to float32 (Riemann nodes too) and, for the trapezoid,
// 1/n, so that they add up to (n−1)/n.
Quadrature makeQuadrature(std::string_view rule, std::int64_t count,
                          std::string_view weights = "exact");

}  // namespace driftlens
