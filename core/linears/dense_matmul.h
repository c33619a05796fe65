// x Wᵀ + b of floats, by the fastest kernel at hand.
#pragma once

#include "core/tensor.h"

namespace driftlens {

// x [..., in], weight [out, in] (any strides), bias [out] or undefined → [..., out], all of one
// floating type. Without a graph: callers that need gradients bring their own backward. Large
// products of float32 on the CPU go to oneDNN, which uses AVX-512 on every maker's processors; MKL,
// which at::linear calls, does so on Intel's alone.
at::Tensor denseMatmul(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace driftlens
