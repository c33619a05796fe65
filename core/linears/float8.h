// Weights of 8-bit floats (Micikevicius et al. 2022) with one scale per tensor, row or tile.
#pragma once

#include "core/linears/linear.h"

namespace driftlens {

// W[o, i] = weight[o, i] · scale[o, i / columnsPerScale], the product in float32.
struct Float8Weight {
    at::Tensor weight;                 // Float8_e4m3fn or Float8_e5m2 [out, in]
    at::Tensor scale;                  // float32 [out, ceil(in / columnsPerScale)], may be expanded
    std::int64_t columnsPerScale = 0;  // > 0
    std::string grain;                 // "tensor", "row" or "tile 128x128", for inspect
};

LinearPtr makeFloat8Linear(Float8Weight weight, at::Tensor bias);

}  // namespace driftlens
