#include "core/capture/gradient.h"

#include <torch/csrc/autograd/autograd.h>

namespace driftlens {

std::vector<at::Tensor> gradients(const at::Tensor& scalar, const std::vector<at::Tensor>& inputs,
                                  const RunContext& context) {
    context.throwIfStopped();
    std::vector<at::Tensor> result =
        torch::autograd::grad({scalar}, inputs, {}, /*retain_graph=*/std::nullopt,
                              /*create_graph=*/false, /*allow_unused=*/true);
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (!result[i].defined()) result[i] = at::zeros_like(inputs[i]);
    }
    return result;
}

}  // namespace driftlens
