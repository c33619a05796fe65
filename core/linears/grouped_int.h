// Integers of 8, 4, 3 or 2 bits with one scale per group of consecutive inputs of a row.
#pragma once

#include "core/linears/linear.h"

#include <cstdint>

namespace driftlens {

// W[o, i] = scale[o, i / group] · code (symmetric, code in ±(2^(bits−1) − 1)), or
// scale · code + minimum (affine, code in [0, 2^bits − 1]); products and sums in float32.
struct GroupedIntWeight {
    int bits = 4;  // 8, 4, 3 or 2
    std::int64_t outFeatures = 0;
    std::int64_t inFeatures = 0;
    std::int64_t group = 0;  // inputs per scale; the last group of a row may be shorter
    at::Tensor packed;       // uint8 [out, ceil(in · bits / 8)], little bit order, biased codes
    at::Tensor scale;        // float32 [out, ceil(in / group)]
    at::Tensor minimum;      // float32, as scale; undefined if symmetric
};

// Round to nearest even: scale = amax / (2^(bits−1) − 1), or (max − min) / (2^bits − 1) for affine.
// A group of zeros gets scale 0. group ≤ 0 means one group per row. Throws Error(Numeric) if the
// weight is not finite.
GroupedIntWeight quantizeGrouped(const at::Tensor& weight, int bits, std::int64_t group,
                                 bool isSymmetric);

LinearPtr makeGroupedIntLinear(GroupedIntWeight weight, at::Tensor bias);

}  // namespace driftlens
