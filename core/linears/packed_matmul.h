// The custom autograd function behind every Linear that is not trainable.
#pragma once

#include "core/linears/linear.h"

namespace driftlens {

// x [..., in] → x Wᵀ + bias [..., out]; the bias, if defined, is of x's type and has no gradient.
// Saves the handle of the packed weight, not the dense weight, and
// dequantises again in backward; the gradient exists with respect to x only.
at::Tensor packedMatmul(LinearPtr weight, const at::Tensor& x, const at::Tensor& bias,
                        const RunContext& context);

}  // namespace driftlens
