#include "core/base/error.h"
#include "core/linears/element_name.h"
#include "core/linears/linear.h"

#include <string>

namespace driftlens {
namespace {

std::string floatingName(at::ScalarType type) {
    if (const auto name = floatingTypeName(type)) return std::string(*name);
    throw Error(ErrorKind::Unsupported, std::string("dense weight: element type ") +
                                            c10::toString(type) + " is not floating-point");
}

class DenseLinear final : public Linear {
public:
    DenseLinear(at::Tensor weight, at::Tensor bias)
        : Linear(std::move(bias)),
          m_weight(std::move(weight)),
          m_name(floatingName(m_weight.scalar_type())) {}

    LinearInfo info() const override {
        const auto bits = static_cast<double>(m_weight.element_size()) * 8.0;
        return {isTrainable() ? "trainable " + m_name : m_name, m_weight.size(0), m_weight.size(1),
                m_weight.numel() * m_weight.element_size(), bits};
    }

    at::Tensor dense(at::ScalarType type) const override { return m_weight.to(type); }

    at::Tensor rows(const at::Tensor& ids, at::ScalarType type) const override {
        return at::embedding(m_weight, ids).to(type);
    }

    bool isTrainable() const override { return m_weight.requires_grad(); }

    Unpacks unpacks() const override {
        const bool isFloat = m_weight.scalar_type() == at::kFloat;  // which nothing is unpacked of
        if (isTrainable() || isFloat || !m_weight.device().is_cpu()) return Unpacks::WholeOnly;
        if (m_weight.stride(1) == 1) return Unpacks::RowsOfOutputs;
        return m_weight.stride(0) == 1 ? Unpacks::RowsOfInputs : Unpacks::WholeOnly;
    }
    void unpackRows(std::int64_t first, const at::Tensor& out) const override {
        const Unpacks rows = unpacks();
        if (rows == Unpacks::WholeOnly) return Linear::unpackRows(first, out);
        const at::Tensor stored = rows == Unpacks::RowsOfInputs ? m_weight.t() : m_weight;
        out.copy_(stored.narrow(0, first, out.size(0)));
    }

private:
    at::Tensor m_weight;  // [out, in]
    std::string m_name;
};

}  // namespace

LinearPtr makeDenseLinear(at::Tensor weight, at::Tensor bias) {
    return std::make_shared<DenseLinear>(std::move(weight), std::move(bias));
}

}  // namespace driftlens
