#include "core/linears/linear.h"

#include "core/base/error.h"
#include "core/linears/packed_matmul.h"
#include "core/linears/stored_matmul.h"

namespace driftlens {

at::Tensor Linear::forwardWith(const at::Tensor& anyBias, const at::Tensor& x,
                               const RunContext& context) const {
    context.throwIfStopped();
    const at::Tensor bias = anyBias.defined() ? anyBias.to(x.scalar_type()) : anyBias;
    const bool needsBackward = c10::GradMode::is_enabled() && x.requires_grad();
    if (isTrainable()) return at::linear(x, dense(x.scalar_type()), bias);
    const bool trainsBias = bias.defined() && bias.requires_grad();
    const at::Tensor own = trainsBias ? at::Tensor() : bias;
    const at::Tensor y = needsBackward ? packedMatmul(shared_from_this(), x, own, context)
                                       : storedMatmul(*this, x, own);
    return trainsBias ? y + bias : y;
}

void Linear::unpackRows(std::int64_t /*first*/, const at::Tensor& /*out*/) const {
    throw Error(ErrorKind::Internal, "unpackRows: " + info().form + " has no rows of its own");
}

at::Tensor Linear::rows(const at::Tensor& ids, at::ScalarType type) const {
    if (isTrainable() || unpacks() != Unpacks::RowsOfOutputs)
        return at::embedding(dense(type), ids);
    const at::Tensor flat = ids.contiguous();
    const auto* row = flat.const_data_ptr<std::int64_t>();
    std::vector<std::int64_t> shape = ids.sizes().vec();
    shape.push_back(info().inFeatures);
    const at::Tensor out = at::empty({flat.numel(), shape.back()}, at::kFloat);
    for (std::int64_t i = 0; i < flat.numel(); ++i) unpackRows(row[i], out.narrow(0, i, 1));
    return out.view(shape).to(type);
}

}  // namespace driftlens
