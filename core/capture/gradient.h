// The one place that runs backward.
#pragma once

#include "core/base/run_context.h"
#include "core/tensor.h"

#include <functional>
#include <vector>

namespace driftlens {

// ∂scalar/∂x for each x; the graph is freed. A tensor that the scalar does not depend on gets
// zeros. Throws Error(Cancelled) if stopped.
std::vector<at::Tensor> gradients(const at::Tensor& scalar, const std::vector<at::Tensor>& inputs,
                                  const RunContext& context);

// The same of several scalars of one graph, one after the other: a backward pass of each over the
// graph that is kept until the last. Calls use(i, ∂scalars[i]/∂x for each x) in their order.
using UseGradients = std::function<void(std::size_t, const std::vector<at::Tensor>&)>;
void gradientsOfEach(const std::vector<at::Tensor>& scalars, const std::vector<at::Tensor>& inputs,
                     const RunContext& context, const UseGradients& use);

}  // namespace driftlens
