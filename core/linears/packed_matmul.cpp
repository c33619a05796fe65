#include "core/linears/packed_matmul.h"

#include "core/linears/stored_matmul.h"

#include <torch/csrc/autograd/custom_function.h>

#include <utility>

namespace driftlens {
namespace {

// What both directions need, as the only thing that autograd can carry: a reference-counted
// capsule.
struct SavedWeight : torch::CustomClassHolder {
    SavedWeight(LinearPtr w, at::Tensor b, RunContext c)
        : weight(std::move(w)), bias(std::move(b)), context(std::move(c)) {}
    LinearPtr weight;
    at::Tensor bias;  // may be undefined, which an argument of a Function may not
    RunContext context;
};

struct PackedMatmul : torch::autograd::Function<PackedMatmul> {
    static at::Tensor forward(torch::autograd::AutogradContext* saved, const at::Tensor& x,
                              c10::intrusive_ptr<SavedWeight> weight) {
        at::Tensor y = storedMatmul(*weight->weight, x, weight->bias);
        saved->saved_data["weight"] = c10::IValue::make_capsule(std::move(weight));
        return y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* saved,
                                                   const torch::autograd::variable_list& gradY) {
        const auto capsule = saved->saved_data["weight"].toCapsule();
        const auto* weight = static_cast<const SavedWeight*>(capsule.get());
        weight->context.throwIfStopped();
        return {storedMatmulBackward(*weight->weight, gradY[0]), at::Tensor()};
    }
};

}  // namespace

at::Tensor packedMatmul(LinearPtr weight, const at::Tensor& x, const at::Tensor& bias,
                        const RunContext& context) {
    return PackedMatmul::apply(
        x, c10::make_intrusive<SavedWeight>(std::move(weight), bias, context.stopOnly()));
}

}  // namespace driftlens
