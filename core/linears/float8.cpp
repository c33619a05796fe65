#include "core/linears/float8.h"

namespace driftlens {
namespace {

class Float8Linear final : public Linear {
public:
    Float8Linear(Float8Weight weight, at::Tensor bias)
        : Linear(std::move(bias)), m_weight(std::move(weight)) {}

    LinearInfo info() const override {
        const bool isE4M3 = m_weight.weight.scalar_type() == at::kFloat8_e4m3fn;
        const std::int64_t bytes = m_weight.weight.numel();
        return {(isE4M3 ? "F8_E4M3 " : "F8_E5M2 ") + m_weight.grain, m_weight.weight.size(0),
                m_weight.weight.size(1), bytes, 8.0};
    }

    at::Tensor dense(at::ScalarType type) const override {
        const at::Tensor& scale = m_weight.scale;
        const std::int64_t columns = m_weight.weight.size(1);
        const at::Tensor values = m_weight.weight.to(at::kFloat);
        if (scale.size(1) == 1) return (values * scale).to(type);
        const at::Tensor perColumn =
            scale.repeat_interleave(m_weight.columnsPerScale, 1).narrow(1, 0, columns);
        return (values * perColumn).to(type);
    }

private:
    Float8Weight m_weight;
};

}  // namespace

LinearPtr makeFloat8Linear(Float8Weight weight, at::Tensor bias) {
    return std::make_shared<Float8Linear>(std::move(weight), std::move(bias));
}

}  // namespace driftlens
