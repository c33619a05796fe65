#include "core/model/gated_product.h"

#include "core/base/error.h"
#include "core/model/modules.h"

#include <torch/csrc/autograd/custom_function.h>

namespace driftlens {
namespace {

// ∂/∂x of activation(x), times g.
at::Tensor activationBackward(Activation activation, const at::Tensor& g, const at::Tensor& x) {
    switch (activation) {
        case Activation::GeluErf:
            return at::gelu_backward(g, x);
        case Activation::GeluTanh:
            return at::gelu_backward(g, x, "tanh");
        case Activation::Silu:
            return at::silu_backward(g, x);
        case Activation::Relu:
            return at::threshold_backward(g, x, 0);
    }
    throw Error(ErrorKind::Internal, "activation is not in the list");
}

struct GatedProduct : torch::autograd::Function<GatedProduct> {
    static at::Tensor forward(torch::autograd::AutogradContext* saved, const at::Tensor& gate,
                              const at::Tensor& up, std::int64_t activation) {
        saved->save_for_backward({gate, up});
        saved->saved_data["activation"] = activation;
        return applyActivation(static_cast<Activation>(activation), gate).mul_(up);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* saved,
                                                   const torch::autograd::variable_list& gradY) {
        const auto factors = saved->get_saved_variables();
        const auto activation = static_cast<Activation>(saved->saved_data["activation"].toInt());
        const at::Tensor &gate = factors[0], &up = factors[1], &g = gradY[0];
        return {activationBackward(activation, g * up, gate), g * applyActivation(activation, gate),
                at::Tensor()};
    }
};

}  // namespace

at::Tensor gatedProduct(Activation activation, const at::Tensor& gate, const at::Tensor& up) {
    const bool needsBackward =
        c10::GradMode::is_enabled() && (gate.requires_grad() || up.requires_grad());
    if (!needsBackward) return applyActivation(activation, gate).mul_(up);
    return GatedProduct::apply(gate, up, static_cast<std::int64_t>(activation));
}

}  // namespace driftlens
