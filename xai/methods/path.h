// Integrals of the target's gradient along a straight line between two values of a place: the core
// of Integrated Gradients and its kin.
#pragma once

#include "xai/methods/quadrature.h"
#include "xai/targets/place.h"

namespace driftlens {

// From `start` to `start + difference`; both [1, size].
struct Line {
    at::Tensor start, difference;
    at::Tensor at(const at::Tensor& alpha) const;  // float64 [rows] → [rows, size]
};

// Of every column of the place: the target, then the tokens of a continuation where each has scores
// of its own.
struct PathIntegral {
    at::Tensor gradients;                        // float64 [columns, size]: ∫ ∇F(α) dα
    std::vector<double> startValues, endValues;  // [columns]
    std::int64_t nodes = 0;
    // Σ over the pieces of the path of |∫ ∇F · difference − change of F|; at least the
    // completeness gap's magnitude. Adaptive integration alone knows it, of the target alone.
    std::optional<double> piecewiseGap;
};

// At fixed nodes, in micro-batches of `batch` rows; the sum is float64.
PathIntegral integrate(const Place& place, const Line& line, const Quadrature& rule,
                       std::int64_t batch, const RunContext& context);

// Halves the path where it must until the piecewise gap is at most `tolerance`, with Gauss–Legendre
// rules of 7 nodes that Kronrod's 8 more extend to 15 (as QUADPACK's QAG; Piessens et al. 1983).
// What a piece must give is known exactly, the change of F over it, so that no error is guessed.
// Gives up behind `mostNodes`: the gap then says so. Nodes are where the target needs them; tokens
// of a continuation have the same, in a second pass.
PathIntegral integrateAdaptively(const Place& place, const Line& line, double tolerance,
                                 std::int64_t mostNodes, std::int64_t batch,
                                 const RunContext& context);

}  // namespace driftlens
