#include "core/linears/dense_matmul.h"

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace driftlens {
namespace {

// oneDNN compiles a kernel for every new shape, in 1.5 to 1.9 ms, which small models would pay for
// nothing. Occlusion of gpt2 takes 1.08 s with this limit and 1.25 s with four times as much (AMD
// EPYC with AVX-512, two cores; there 800 × 768 × 3072 products take 8.8 ms, MKL's 18.7).
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

// Integrated Gradients of bert-base, 54 tokens, 50 nodes, takes 5.5 s by MKL and 6.7 s by oneDNN on
// an Intel Xeon with AVX-512 (one core); the figures above are of the other maker's.
MatmulLibrary fastestLibrary() {
    const bool hasMklAtItsBest = at::hasMKL() && __builtin_cpu_is("intel") != 0;
    return hasMklAtItsBest ? MatmulLibrary::Default : MatmulLibrary::OneDnn;
}

at::Tensor denseMatmul(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                       MatmulLibrary library) {
    if (library == MatmulLibrary::Default || !isForOneDnn(x, weight))
        return at::linear(x, weight, bias);
    const c10::NoGradGuard noGrad;  // the kernel is unknown to autograd
    const auto ownBias = bias.defined() ? std::optional(bias) : std::nullopt;
    return oneDnnLinear()->call(x.contiguous(), weight, ownBias, "none",
                                c10::List<std::optional<at::Scalar>>(), "");
}

}  // namespace driftlens
