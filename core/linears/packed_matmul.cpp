#include "core/linears/packed_matmul.h"

#include <torch/csrc/autograd/custom_function.h>

#include <utility>

namespace driftlens {
namespace {

// What backward needs, as the only thing that autograd can carry: a reference-counted capsule.
struct SavedWeight : torch::CustomClassHolder {
    SavedWeight(LinearPtr w, RunContext c) : weight(std::move(w)), context(std::move(c)) {}
    LinearPtr weight;
    RunContext context;
};

struct PackedMatmul : torch::autograd::Function<PackedMatmul> {
    static at::Tensor forward(torch::autograd::AutogradContext* saved, const at::Tensor& x,
                              c10::intrusive_ptr<SavedWeight> weight) {
        at::Tensor y = at::linear(x, weight->weight->dense(x.scalar_type()));
        saved->saved_data["weight"] = c10::IValue::make_capsule(std::move(weight));
        return y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* saved,
                                                   const torch::autograd::variable_list& gradY) {
        const auto capsule = saved->saved_data["weight"].toCapsule();
        const auto* weight = static_cast<const SavedWeight*>(capsule.get());
        weight->context.throwIfStopped();
        const at::Tensor& g = gradY[0];  // [..., out]
        return {at::matmul(g, weight->weight->dense(g.scalar_type())), at::Tensor()};
    }
};

}  // namespace

at::Tensor packedMatmul(LinearPtr weight, const at::Tensor& x, const RunContext& context) {
    return PackedMatmul::apply(
        x, c10::make_intrusive<SavedWeight>(std::move(weight), context.stopOnly()));
}

}  // namespace driftlens
