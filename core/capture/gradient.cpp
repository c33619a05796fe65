#include "core/capture/gradient.h"

#include <torch/csrc/autograd/autograd.h>

namespace driftlens {
namespace {

std::vector<at::Tensor> gradientsIn(const at::Tensor& scalar, const std::vector<at::Tensor>& inputs,
                                    bool keepsGraph, const RunContext& context) {
    context.throwIfStopped();
    std::vector<at::Tensor> result =
        torch::autograd::grad({scalar}, inputs, {}, /*retain_graph=*/keepsGraph,
                              /*create_graph=*/false, /*allow_unused=*/true);
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (!result[i].defined()) result[i] = at::zeros_like(inputs[i]);
    }
    return result;
}

}  // namespace

std::vector<at::Tensor> gradients(const at::Tensor& scalar, const std::vector<at::Tensor>& inputs,
                                  const RunContext& context) {
    return gradientsIn(scalar, inputs, /*keepsGraph=*/false, context);
}

void gradientsOfEach(const std::vector<at::Tensor>& scalars, const std::vector<at::Tensor>& inputs,
                     const RunContext& context, const UseGradients& use) {
    for (std::size_t i = 0; i < scalars.size(); ++i)
        use(i, gradientsIn(scalars[i], inputs, /*keepsGraph=*/i + 1 < scalars.size(), context));
}

}  // namespace driftlens
