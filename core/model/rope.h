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
// `length`: tokens of the longest text so far, on which Dynamic and LongRope depend.
RopeTable makeRopeTable(const RopeSpec& rope, const at::Tensor& positions, std::int64_t length,
                        at::ScalarType compute);

// Rotates the first `dimensions` entries of each head of x [batch, heads, tokens, head_dim].
at::Tensor applyRope(const RopeTable& table, const at::Tensor& x);

// Inverse frequencies [dimensions / 2] after scaling, in float64.
std::vector<double> inverseFrequencies(const RopeSpec& rope, std::int64_t length);

// True where a text that grows from `seen` to `length` tokens goes over to the long factors of
// LongRope, so that its cached keys no longer fit. (Dynamic keeps its cached keys as they were
// rotated, as transformers does.)
bool outgrowsCache(const RopeSpec& rope, std::int64_t seen, std::int64_t length);

}  // namespace driftlens
