#include "core/linears/stored_matmul.h"

#include "core/linears/dense_matmul.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/mm.h>

#include <algorithm>

namespace driftlens {
namespace {

using Unpacks = Linear::Unpacks;

// Measured with weights in F16 of 768 × 768 to 3072 × 768, one core (Intel Xeon with AVX-512).
//
// A panel stays in the second-level cache, where unpacking the whole writes it to memory and reads
// it from there: with one row of x that takes 0.75 of the time.
constexpr std::int64_t kPanelWeights = std::int64_t{1} << 17;
// MKL loses by narrow products more than panels save, from this many rows of x on: panels of
// outputs are products of few columns, panels of inputs are short sums that are added up.
constexpr std::int64_t kMostRowsOfOutputs = 8;
constexpr std::int64_t kMostRowsOfInputs = 128;
// A vocabulary is unpacked in panels whatever there is to multiply, larger ones then: the whole
// would be the largest buffer of the program.
constexpr std::int64_t kVocabularyWeights = std::int64_t{1} << 23;
constexpr std::int64_t kLargePanelWeights = std::int64_t{1} << 20;

// [rows, in] by [in, out], which is Wᵀ, or W on the way back: in and out are then those of W
// exchanged.
struct Product {
    const Linear& weight;
    bool isBackward = false;
    std::int64_t rows = 0, in = 0, out = 0;

    // Whether panels are stretches of `in`, whose products are added up, not of `out`.
    bool isSummed() const { return (weight.unpacks() == Unpacks::RowsOfInputs) != isBackward; }
    // 0: the whole at once.
    std::int64_t panelWeights() const {
        if (weight.unpacks() == Unpacks::WholeOnly || rows == 0) return 0;
        if (rows <= (isSummed() ? kMostRowsOfInputs : kMostRowsOfOutputs)) return kPanelWeights;
        return in * out >= kVocabularyWeights ? kLargePanelWeights : 0;
    }
};

// Memory of this thread for weights that live for one product: a buffer of its own each time tears
// the memory between the tensors that live longer, and is cold.
at::Tensor scratch(std::int64_t rows, std::int64_t columns) {
    constexpr std::int64_t kMostKept = std::int64_t{1} << 24;
    static thread_local at::Tensor kept;
    const std::int64_t count = rows * columns;
    if (count > kMostKept) return at::empty({rows, columns}, at::kFloat);
    if (!kept.defined() || kept.numel() < count) kept = at::empty({count}, at::kFloat);
    return kept.narrow(0, 0, count).view({rows, columns});
}

// W [out, in], valid until this thread unpacks the next.
at::Tensor unpackedWhole(const Linear& weight, at::ScalarType type) {
    const Unpacks unpacks = weight.unpacks();
    if (type != at::kFloat || unpacks == Unpacks::WholeOnly) return weight.dense(type);
    const LinearInfo info = weight.info();
    const bool isByOutputs = unpacks == Unpacks::RowsOfOutputs;
    const at::Tensor rows = isByOutputs ? scratch(info.outFeatures, info.inFeatures)
                                        : scratch(info.inFeatures, info.outFeatures);
    weight.unpackRows(0, rows);
    return isByOutputs ? rows : rows.t();
}

at::Tensor multiply(const Product& product, const at::Tensor& x, const at::Tensor& bias) {
    const bool isSummed = product.isSummed();
    const std::int64_t count = isSummed ? product.in : product.out;
    const std::int64_t length = isSummed ? product.out : product.in;
    const std::int64_t most = std::clamp<std::int64_t>(product.panelWeights() / length, 1, count);
    const at::Tensor buffer = scratch(most, length);
    at::Tensor y = at::empty({product.rows, product.out}, at::kFloat);
    for (std::int64_t first = 0; first < count; first += most) {
        const std::int64_t rows = std::min(most, count - first);
        const at::Tensor panel = buffer.narrow(0, 0, rows);
        product.weight.unpackRows(first, panel);
        const at::Tensor factor = isSummed ? x.narrow(1, first, rows) : x;
        const at::Tensor matrix = isSummed ? panel : panel.t();
        at::Tensor part = isSummed ? y : y.narrow(1, first, rows);
        if (isSummed && first > 0)
            part.addmm_(factor, matrix);
        else if (bias.defined())
            at::addmm_out(part, isSummed ? bias : bias.narrow(0, first, rows), factor, matrix);
        else
            at::mm_out(part, factor, matrix);
    }
    return y;
}

at::Tensor run(const Linear& weight, bool isBackward, const at::Tensor& x, const at::Tensor& bias) {
    const c10::NoGradGuard noGrad;
    if (x.scalar_type() == at::kFloat && x.device().is_cpu() && x.numel() > 0) {
        const LinearInfo info = weight.info();
        Product product{weight, isBackward, 0, info.inFeatures, info.outFeatures};
        if (isBackward) std::swap(product.in, product.out);
        product.rows = x.numel() / product.in;
        if (product.panelWeights() > 0) {
            std::vector<std::int64_t> shape = x.sizes().vec();
            shape.back() = product.out;
            return multiply(product, x.reshape({product.rows, product.in}), bias).view(shape);
        }
    }
    const at::Tensor whole = unpackedWhole(weight, x.scalar_type());
    return denseMatmul(x, isBackward ? whole.t() : whole, bias);
}

}  // namespace

at::Tensor storedMatmul(const Linear& weight, const at::Tensor& x, const at::Tensor& bias) {
    return run(weight, false, x, bias);
}

at::Tensor storedMatmulBackward(const Linear& weight, const at::Tensor& g) {
    return run(weight, true, g, {});
}

}  // namespace driftlens
