// The one place that runs backward.
#pragma once

#include "core/base/run_context.h"
#include "core/tensor.h"

#include <vector>

namespace driftlens {

// ∂scalar/∂x for each x; the graph is freed. A tensor that the scalar does not depend on gets
// zeros. Throws Error(Cancelled) if stopped.
std::vector<at::Tensor> gradients(const at::Tensor& scalar, const std::vector<at::Tensor>& inputs,
                                  const RunContext& context);

}  // namespace driftlens
