#include "core/linears/rounded_activations.h"

namespace driftlens {
namespace {

class RoundingLinear final : public Linear {
public:
    RoundingLinear(LinearPtr base, double threshold)
        : Linear(base->bias()), m_base(std::move(base)), m_threshold(threshold) {}

    LinearInfo info() const override {
        LinearInfo out = m_base->info();
        out.form += ", activations INT8";
        out.roundsActivations = true;
        return out;
    }
    at::Tensor dense(at::ScalarType type) const override { return m_base->dense(type); }
    at::Tensor rows(const at::Tensor& ids, at::ScalarType type) const override {
        return m_base->rows(ids, type);
    }
    bool isTrainable() const override { return m_base->isTrainable(); }

    at::Tensor forwardWith(const at::Tensor& bias, const at::Tensor& x,
                           const RunContext& context) const override {
        const at::Tensor rounded = roundActivations(x.detach(), m_threshold);
        const bool needsGradient = c10::GradMode::is_enabled() && x.requires_grad();
        // x + (rounded − x): the value of one, the gradient of the other.
        return m_base->forwardWith(bias, needsGradient ? x + (rounded - x.detach()) : rounded,
                                   context);
    }

private:
    LinearPtr m_base;
    double m_threshold;
};

}  // namespace

at::Tensor roundActivations(const at::Tensor& x, double threshold) {
    constexpr double kSteps = 127.0;
    // bitsandbytes rounds half-precision activations with float32 quotients.
    const at::Tensor rows = x.flatten(0, -2).to(at::kHalf).to(at::kFloat);
    const at::Tensor isOutlier =
        threshold > 0.0 ? rows.abs() >= threshold : at::zeros_like(rows, at::kBool);
    const at::Tensor ordinary = rows.masked_fill(isOutlier, 0.0);
    // A row of zeros has no step: it stays zero.
    const at::Tensor step = (ordinary.abs().amax(1, /*keepdim=*/true) / kSteps).clamp_min(1e-30);
    const at::Tensor rounded = (ordinary / step).round() * step;
    const at::Tensor keepsColumn = isOutlier.any(0, /*keepdim=*/true);
    return at::where(keepsColumn, rows, rounded).to(x.scalar_type()).view_as(x);
}

LinearPtr makeRoundingLinear(LinearPtr base, double threshold) {
    return std::make_shared<RoundingLinear>(std::move(base), threshold);
}

}  // namespace driftlens
