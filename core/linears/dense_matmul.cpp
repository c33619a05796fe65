#include "core/linears/dense_matmul.h"

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace driftlens {
namespace {

// Below this many products a kernel that oneDNN has to compile for a new shape costs more than it
// saves (about 1 ms against 0.1 ms).
constexpr std::int64_t kFewProducts = std::int64_t{1} << 24;

using LinearPointwise = at::Tensor(const at::Tensor& x, const at::Tensor& weight,
                                   const std::optional<at::Tensor>& bias, std::string_view attr,
                                   c10::List<std::optional<at::Scalar>> scalars,
                                   std::optional<std::string_view> algorithm);
using LinearHandle = c10::TypedOperatorHandle<LinearPointwise>;

// LibTorch has no C++ function for it; absent where it was built without oneDNN.
const std::optional<LinearHandle>& oneDnnLinear() {
    static const std::optional<LinearHandle> handle = []() -> std::optional<LinearHandle> {
        if (!at::hasMKLDNN()) return std::nullopt;
        const auto schema =
            c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
        if (!schema) return std::nullopt;
        return schema->typed<LinearPointwise>();
    }();
    return handle;
}

bool isForOneDnn(const at::Tensor& x, const at::Tensor& weight) {
    return x.scalar_type() == at::kFloat && x.device().is_cpu() && x.numel() > 0 &&
           x.numel() * weight.size(0) >= kFewProducts && oneDnnLinear().has_value();
}

}  // namespace

at::Tensor denseMatmul(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    if (!isForOneDnn(x, weight)) return at::linear(x, weight, bias);
    const c10::NoGradGuard noGrad;  // the kernel is unknown to autograd
    const auto ownBias = bias.defined() ? std::optional(bias) : std::nullopt;
    return oneDnnLinear()->call(x.contiguous(), weight, ownBias, "none",
                                c10::List<std::optional<at::Scalar>>(), "");
}

}  // namespace driftlens
