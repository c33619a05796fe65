// A Linear over another one that stays as it is stored: what adapters do to a module.
#pragma once

#include "core/linears/linear.h"

#include <string>

namespace driftlens {

// W' = diag(outputScale) (W diag(inputScale) + up down). Tensors are float32; an undefined one is
// left out.
struct Overlay {
    at::Tensor down = {};         // [rank, in]
    at::Tensor up = {};           // [out, rank], the scale of the product included
    at::Tensor outputScale = {};  // [out]
    at::Tensor inputScale = {};   // [in]
    std::string name = {};        // for LinearInfo::form: "LoRA rank 8"
};

// y = x W'ᵀ + bias; the base's own bias plays no part. Shares the base, and never makes W' in a
// forward pass. Shapes are the caller's to check.
LinearPtr makeOverlayLinear(LinearPtr base, Overlay overlay, at::Tensor bias);

}  // namespace driftlens
