#include "core/linears/ggml_blocks.h"

#include <ATen/Parallel.h>

#include <utility>

namespace driftlens {
namespace {

// Rows [first, first + rows) of a tensor into out, by several threads.
void dequantizeInto(const GgufTensor& tensor, std::int64_t first, std::int64_t rows, float* out) {
    constexpr std::int64_t kWeightsPerTask = 1 << 16;
    const std::int64_t length = tensor.rowLength();
    const std::int64_t grain = std::max<std::int64_t>(1, kWeightsPerTask / length);
    at::parallel_for(0, rows, grain, [&](std::int64_t begin, std::int64_t end) {
        tensor.dequantize(first + begin, end - begin,
                          {out + begin * length, static_cast<std::size_t>((end - begin) * length)});
    });
}

class BlockLinear final : public Linear {
public:
    BlockLinear(BlockWeight weight, at::Tensor bias)
        : Linear(std::move(bias)), m_weight(std::move(weight)) {}

    LinearInfo info() const override {
        const std::size_t bytes =
            m_weight.tensor.bytesPerRow() * static_cast<std::size_t>(m_weight.rows);
        return {std::string(m_weight.tensor.format->name), m_weight.rows,
                m_weight.tensor.rowLength(), static_cast<std::int64_t>(bytes),
                m_weight.tensor.format->bitsPerWeight()};
    }

    at::Tensor dense(at::ScalarType type) const override { return dequantized(m_weight).to(type); }

    at::Tensor rows(const at::Tensor& ids, at::ScalarType type) const override {
        if (m_weight.interleavedHeads > 0) return Linear::rows(ids, type);
        const at::Tensor flat = ids.contiguous();
        const std::int64_t length = m_weight.tensor.rowLength();
        at::Tensor out = at::empty({flat.numel(), length}, at::kFloat);
        for (std::int64_t i = 0; i < flat.numel(); ++i) {
            const std::int64_t row = flat.const_data_ptr<std::int64_t>()[i];
            dequantizeInto(m_weight.tensor, m_weight.firstRow + row, 1,
                           out.mutable_data_ptr<float>() + i * length);
        }
        std::vector<std::int64_t> shape = ids.sizes().vec();
        shape.push_back(length);
        return out.view(shape).to(type);
    }

private:
    BlockWeight m_weight;
};

}  // namespace

at::Tensor dequantized(const BlockWeight& weight) {
    const std::int64_t length = weight.tensor.rowLength();
    at::Tensor out = at::empty({weight.rows, length}, at::kFloat);
    dequantizeInto(weight.tensor, weight.firstRow, weight.rows, out.mutable_data_ptr<float>());
    if (weight.interleavedHeads == 0) return out;
    const std::int64_t heads = weight.interleavedHeads;
    return out.view({heads, weight.rows / heads / 2, 2, length})
        .transpose(1, 2)
        .reshape({weight.rows, length});
}

LinearPtr makeBlockLinear(BlockWeight weight, at::Tensor bias) {
    return std::make_shared<BlockLinear>(std::move(weight), std::move(bias));
}

}  // namespace driftlens
