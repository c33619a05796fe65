#include "core/linears/grouped_int.h"

#include "core/base/error.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace driftlens {
namespace {

// Rows per task of a parallel loop: enough work to pay for a task.
constexpr std::int64_t kRowsPerTask = 16;

std::int64_t packedRowBytes(std::int64_t inFeatures, int bits) {
    return (inFeatures * bits + 7) / 8;
}

std::int64_t groupsPerRow(std::int64_t inFeatures, std::int64_t group) {
    return (inFeatures + group - 1) / group;
}

// Codes of one row as unsigned integers, read from a little-order bit stream.
template <int kBits>
void unpackRow(const std::uint8_t* __restrict packed, std::int64_t count,
               std::uint8_t* __restrict codes) {
    if constexpr (kBits == 8) {
        std::copy_n(packed, count, codes);
    } else if constexpr (kBits == 4 || kBits == 2) {
        constexpr std::int64_t kPerByte = 8 / kBits;
        constexpr unsigned kMask = (1U << kBits) - 1U;
        const std::int64_t whole = count / kPerByte;  // bytes
        for (std::int64_t byte = 0; byte < whole; ++byte) {
            for (std::int64_t k = 0; k < kPerByte; ++k)
                codes[byte * kPerByte + k] =
                    static_cast<std::uint8_t>((packed[byte] >> (k * kBits)) & kMask);
        }
        for (std::int64_t k = 0; k < count % kPerByte; ++k)
            codes[whole * kPerByte + k] =
                static_cast<std::uint8_t>((packed[whole] >> (k * kBits)) & kMask);
    } else {
        static_assert(kBits == 3);
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int64_t bit = i * 3;
            const auto shift = static_cast<unsigned>(bit % 8);
            unsigned window = packed[bit / 8];
            if (shift > 5) window |= static_cast<unsigned>(packed[bit / 8 + 1]) << 8U;
            codes[i] = static_cast<std::uint8_t>((window >> shift) & 7U);
        }
    }
}

void unpackRow(int bits, const std::uint8_t* packed, std::int64_t count, std::uint8_t* codes) {
    switch (bits) {
        case 8:
            return unpackRow<8>(packed, count, codes);
        case 4:
            return unpackRow<4>(packed, count, codes);
        case 3:
            return unpackRow<3>(packed, count, codes);
        default:
            return unpackRow<2>(packed, count, codes);
    }
}

void packRow(int bits, const std::uint8_t* codes, std::int64_t count, std::uint8_t* packed) {
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t bit = i * bits;
        const unsigned value = static_cast<unsigned>(codes[i]) << static_cast<unsigned>(bit % 8);
        packed[bit / 8] = static_cast<std::uint8_t>(packed[bit / 8] | (value & 0xFFU));
        if (value > 0xFFU) {
            packed[bit / 8 + 1] = static_cast<std::uint8_t>(packed[bit / 8 + 1] | (value >> 8U));
        }
    }
}

// (code − bias) · scale + minimum. Bytes may alias anything: without __restrict no loop of them is
// vectorised.
void scaleCodes(const std::uint8_t* __restrict codes, std::int64_t count, int bias, float scale,
                float minimum, float* __restrict out) {
    for (std::int64_t i = 0; i < count; ++i)
        out[i] = static_cast<float>(static_cast<int>(codes[i]) - bias) * scale + minimum;
}

struct GroupCode {
    float scale = 0.0F;
    float minimum = 0.0F;
};

// Quantises one group in place of `codes`; w is float32.
GroupCode quantizeGroup(const float* w, std::int64_t count, int bits, bool isSymmetric,
                        std::uint8_t* codes) {
    const auto [lowest, highest] = std::minmax_element(w, w + count);
    const int top = isSymmetric ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
    GroupCode group;
    if (isSymmetric) {
        group.scale = std::max(std::abs(*lowest), std::abs(*highest)) / static_cast<float>(top);
    } else {
        group.scale = (*highest - *lowest) / static_cast<float>(top);
        group.minimum = *lowest;
    }
    const int low = isSymmetric ? -top : 0;
    const int bias = isSymmetric ? top : 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const float steps = group.scale > 0.0F ? (w[i] - group.minimum) / group.scale : 0.0F;
        const int code = std::clamp(static_cast<int>(std::nearbyint(steps)), low, top);
        codes[i] = static_cast<std::uint8_t>(code + bias);
    }
    return group;
}

class GroupedIntLinear final : public Linear {
public:
    GroupedIntLinear(GroupedIntWeight weight, at::Tensor bias)
        : Linear(std::move(bias)), m_weight(std::move(weight)) {}

    LinearInfo info() const override {
        const std::string group = m_weight.group >= m_weight.inFeatures
                                      ? "row"
                                      : "group " + std::to_string(m_weight.group);
        const std::string affine = m_weight.minimum.defined() ? " affine" : "";
        const std::int64_t bytes = m_weight.packed.numel() + m_weight.scale.numel() * 4 +
                                   (m_weight.minimum.defined() ? m_weight.minimum.numel() * 4 : 0);
        const double weights = static_cast<double>(m_weight.outFeatures * m_weight.inFeatures);
        return {"INT" + std::to_string(m_weight.bits) + " " + group + affine, m_weight.outFeatures,
                m_weight.inFeatures, bytes, 8.0 * static_cast<double>(bytes) / weights};
    }

    at::Tensor dense(at::ScalarType type) const override {
        at::Tensor out = at::empty({m_weight.outFeatures, m_weight.inFeatures}, at::kFloat);
        unpackRows(0, out);
        return out.to(type);
    }

    Unpacks unpacks() const override { return Unpacks::RowsOfOutputs; }
    void unpackRows(std::int64_t first, const at::Tensor& out) const override {
        const std::int64_t columns = m_weight.inFeatures;
        auto* values = out.mutable_data_ptr<float>();
        at::parallel_for(0, out.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
            std::vector<std::uint8_t> codes(static_cast<std::size_t>(columns));
            for (std::int64_t row = begin; row < end; ++row)
                dequantizeRow(first + row, codes, values + row * columns);
        });
    }

private:
    void dequantizeRow(std::int64_t row, std::vector<std::uint8_t>& codes, float* out) const {
        const GroupedIntWeight& w = m_weight;
        const auto* packed = w.packed.const_data_ptr<std::uint8_t>();
        unpackRow(w.bits, packed + row * w.packed.size(1), w.inFeatures, codes.data());
        const std::int64_t groups = w.scale.size(1);
        const float* scales = w.scale.const_data_ptr<float>() + row * groups;
        const float* minima =
            w.minimum.defined() ? w.minimum.const_data_ptr<float>() + row * groups : nullptr;
        const int bias = minima != nullptr ? 0 : (1 << (w.bits - 1)) - 1;
        for (std::int64_t g = 0; g < groups; ++g) {
            const std::int64_t first = g * w.group;
            const std::int64_t last = std::min(first + w.group, w.inFeatures);
            const float minimum = minima != nullptr ? minima[g] : 0.0F;
            scaleCodes(codes.data() + first, last - first, bias, scales[g], minimum, out + first);
        }
    }

    GroupedIntWeight m_weight;
};

}  // namespace

GroupedIntWeight quantizeGrouped(const at::Tensor& weight, int bits, std::int64_t group,
                                 bool isSymmetric) {
    const at::Tensor w = weight.detach().to(at::kFloat).contiguous();  // [out, in]
    if (!w.isfinite().all().item<bool>()) {
        throw Error(ErrorKind::Numeric, "quantize: the weight has a non-finite value");
    }
    GroupedIntWeight out;
    out.bits = bits;
    out.outFeatures = w.size(0);
    out.inFeatures = w.size(1);
    out.group = group <= 0 ? out.inFeatures : std::min(group, out.inFeatures);
    const std::int64_t groups = groupsPerRow(out.inFeatures, out.group);
    out.packed = at::zeros({out.outFeatures, packedRowBytes(out.inFeatures, bits)}, at::kByte);
    out.scale = at::empty({out.outFeatures, groups}, at::kFloat);
    if (!isSymmetric) out.minimum = at::empty({out.outFeatures, groups}, at::kFloat);

    const auto* values = w.const_data_ptr<float>();
    auto* packed = out.packed.mutable_data_ptr<std::uint8_t>();
    auto* scales = out.scale.mutable_data_ptr<float>();
    float* minima = isSymmetric ? nullptr : out.minimum.mutable_data_ptr<float>();
    at::parallel_for(0, out.outFeatures, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
        std::vector<std::uint8_t> codes(static_cast<std::size_t>(out.inFeatures));
        for (std::int64_t row = begin; row < end; ++row) {
            for (std::int64_t g = 0; g < groups; ++g) {
                const std::int64_t first = g * out.group;
                const std::int64_t count = std::min(out.group, out.inFeatures - first);
                const GroupCode code = quantizeGroup(values + row * out.inFeatures + first, count,
                                                     bits, isSymmetric, codes.data() + first);
                scales[row * groups + g] = code.scale;
                if (minima != nullptr) minima[row * groups + g] = code.minimum;
            }
            packRow(bits, codes.data(), out.inFeatures, packed + row * out.packed.size(1));
        }
    });
    return out;
}

LinearPtr makeGroupedIntLinear(GroupedIntWeight weight, at::Tensor bias) {
    return std::make_shared<GroupedIntLinear>(std::move(weight), std::move(bias));
}

}  // namespace driftlens
