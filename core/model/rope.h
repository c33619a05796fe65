// Rotary position embedding (Su et al. 2021, "RoFormer"), rotate-half layout.
#pragma once

#include "core/model/spec.h"
#include "core/tensor.h"

namespace driftlens {

struct RopeTable {
    at::Tensor cosine;  // [batch, 1, tokens, dimensions]
    at::Tensor sine;    // [batch, 1, tokens, dimensions]
    bool exists() const { return cosine.defined(); }
};

// Angles of int64 positions [batch, tokens], computed in at least float32, given in `compute`.
RopeTable makeRopeTable(const RopeSpec& rope, const at::Tensor& positions, at::ScalarType compute);

// Rotates the first `dimensions` entries of each head of x [batch, heads, tokens, head_dim].
at::Tensor applyRope(const RopeTable& table, const at::Tensor& x);

// Inverse frequencies [dimensions / 2] after scaling, in float64.
std::vector<double> inverseFrequencies(const RopeSpec& rope);

}  // namespace driftlens
