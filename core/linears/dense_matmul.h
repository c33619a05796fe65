// x Wᵀ + b of floats, by the fastest kernel at hand.
#pragma once

#include "core/tensor.h"

namespace driftlens {

// Who multiplies large float32 matrices on the CPU.
enum class MatmulLibrary { OneDnn, Default };

// MKL, which at::linear calls, uses AVX-512 on its maker's processors alone and is the fastest
// there; on others oneDNN is. By the maker and not by measuring: the choice is in the last bits of
// every result.
MatmulLibrary fastestLibrary();

// x [..., in], weight [out, in] (any strides), bias [out] or undefined → [..., out], all of one
// floating type. Without a graph: callers that need gradients bring their own backward.
at::Tensor denseMatmul(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                       MatmulLibrary library = fastestLibrary());

}  // namespace driftlens
