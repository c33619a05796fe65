// Products with a weight in its stored form, unpacked a few rows at a time.
#pragma once

#include "core/linears/linear.h"

namespace driftlens {

// x [..., in] → x Wᵀ + bias [..., out], of x's type; bias [out] of that type, or undefined. Without
// a graph, as denseMatmul().
at::Tensor storedMatmul(const Linear& weight, const at::Tensor& x, const at::Tensor& bias);

// The way back: g [..., out] → g W [..., in].
at::Tensor storedMatmulBackward(const Linear& weight, const at::Tensor& g);

}  // namespace driftlens
