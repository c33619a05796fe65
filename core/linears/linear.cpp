#include "core/linears/linear.h"

#include "core/linears/packed_matmul.h"

namespace driftlens {

at::Tensor Linear::forwardWith(const at::Tensor& anyBias, const at::Tensor& x,
                               const RunContext& context) const {
    context.throwIfStopped();
    const at::Tensor bias = anyBias.defined() ? anyBias.to(x.scalar_type()) : anyBias;
    const bool needsBackward = c10::GradMode::is_enabled() && x.requires_grad();
    if (isTrainable() || !needsBackward) return at::linear(x, dense(x.scalar_type()), bias);
    const at::Tensor y = packedMatmul(shared_from_this(), x, context);  // [..., out]
    return bias.defined() ? y + bias : y;
}

at::Tensor Linear::rows(const at::Tensor& ids, at::ScalarType type) const {
    return at::embedding(dense(type), ids);
}

}  // namespace driftlens
