// The hidden layer of a gated MLP (Shazeer 2020, "GLU variants improve transformer").
#pragma once

#include "core/model/spec.h"
#include "core/tensor.h"

namespace driftlens {

// activation(gate) · up, differentiable in both. Backward computes the activation again: kept for
// it are the two factors alone, of three tensors of that size.
at::Tensor gatedProduct(Activation activation, const at::Tensor& gate, const at::Tensor& up);

}  // namespace driftlens
