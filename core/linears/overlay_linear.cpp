#include "core/linears/overlay_linear.h"

#include <utility>

namespace driftlens {
namespace {

std::int64_t bytesOf(const at::Tensor& tensor) {
    return tensor.defined() ? tensor.numel() * tensor.element_size() : 0;
}

// Sums of many terms are made in float32 at least, whatever type they end in.
at::ScalarType wideType(at::ScalarType type) {
    return type == at::kDouble ? at::kDouble : at::kFloat;
}

class OverlayLinear final : public Linear {
public:
    OverlayLinear(LinearPtr base, Overlay overlay, at::Tensor bias)
        : Linear(std::move(bias)), m_base(std::move(base)), m_overlay(std::move(overlay)) {}

    LinearInfo info() const override {
        LinearInfo out = m_base->info();
        out.form += " + " + m_overlay.name;
        out.storedBytes += bytesOf(m_overlay.down) + bytesOf(m_overlay.up) +
                           bytesOf(m_overlay.outputScale) + bytesOf(m_overlay.inputScale);
        out.bitsPerWeight = 8.0 * static_cast<double>(out.storedBytes) /
                            static_cast<double>(out.outFeatures * out.inFeatures);
        return out;
    }

    at::Tensor dense(at::ScalarType type) const override {
        const at::ScalarType wide = wideType(type);
        at::Tensor w = m_base->dense(wide);
        if (m_overlay.inputScale.defined()) w = w * m_overlay.inputScale.to(wide);
        if (m_overlay.up.defined())
            w = w + at::matmul(m_overlay.up.to(wide), m_overlay.down.to(wide));
        if (m_overlay.outputScale.defined()) w = w * m_overlay.outputScale.to(wide).unsqueeze(1);
        return w.to(type);
    }

    at::Tensor rows(const at::Tensor& ids, at::ScalarType type) const override {
        const at::ScalarType wide = wideType(type);
        at::Tensor w = m_base->rows(ids, wide);
        if (m_overlay.inputScale.defined()) w = w * m_overlay.inputScale.to(wide);
        if (m_overlay.up.defined()) {
            w = w + at::matmul(at::embedding(m_overlay.up.to(wide), ids), m_overlay.down.to(wide));
        }
        if (m_overlay.outputScale.defined())
            w = w * m_overlay.outputScale.to(wide).index({ids}).unsqueeze(-1);
        return w.to(type);
    }

    bool isTrainable() const override { return m_base->isTrainable(); }

    at::Tensor forwardWith(const at::Tensor& bias, const at::Tensor& x,
                           const RunContext& context) const override {
        const at::ScalarType type = x.scalar_type();
        const bool isScaled = m_overlay.outputScale.defined();
        const at::Tensor scaledX =
            m_overlay.inputScale.defined() ? x * m_overlay.inputScale.to(type) : x;
        at::Tensor y = m_base->forwardWith(isScaled ? at::Tensor() : bias, scaledX, context);
        if (m_overlay.up.defined()) {
            y = y + at::linear(at::linear(x, m_overlay.down.to(type)), m_overlay.up.to(type));
        }
        if (!isScaled) return y;
        y = y * m_overlay.outputScale.to(type);
        return bias.defined() ? y + bias.to(type) : y;
    }

private:
    LinearPtr m_base;
    Overlay m_overlay;
};

}  // namespace

LinearPtr makeOverlayLinear(LinearPtr base, Overlay overlay, at::Tensor bias) {
    return std::make_shared<OverlayLinear>(std::move(base), std::move(overlay), std::move(bias));
}

}  // namespace driftlens
