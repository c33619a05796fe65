#include "core/linears/packed_linear.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <utility>

namespace driftlens {
namespace {

// Rows [first, first + rows) into out, by several threads.
void unpackInto(const PackedMatrix& matrix, std::int64_t first, std::int64_t rows, float* out) {
    constexpr std::int64_t kWeightsPerTask = 1 << 16;
    const std::int64_t columns = matrix.size().columns;
    const std::int64_t grain = std::max<std::int64_t>(1, kWeightsPerTask / columns);
    at::parallel_for(0, rows, grain, [&](std::int64_t begin, std::int64_t end) {
        matrix.dequantize(
            first + begin, end - begin,
            {out + begin * columns, static_cast<std::size_t>((end - begin) * columns)});
    });
}

class PackedLinear final : public Linear {
public:
    PackedLinear(PackedMatrixPtr matrix, RowSelection selection, at::Tensor bias)
        : Linear(std::move(bias)), m_matrix(std::move(matrix)), m_selection(selection) {}

    LinearInfo info() const override {
        const MatrixSize& size = m_matrix->size();
        const double bits = 8.0 * static_cast<double>(m_matrix->storedBytes()) /
                            static_cast<double>(size.rows * size.columns);
        const double share =
            static_cast<double>(m_selection.count()) / static_cast<double>(size.rows);
        return {m_matrix->form(), m_selection.count(), size.columns,
                static_cast<std::int64_t>(share * static_cast<double>(m_matrix->storedBytes())),
                bits};
    }

    at::Tensor dense(at::ScalarType type) const override {
        return unpacked(*m_matrix, m_selection).to(type);
    }

    Unpacks unpacks() const override {
        const bool isOneStretch = m_selection.interleavedHeads == 0 && m_selection.groups == 1;
        return isOneStretch ? Unpacks::RowsOfOutputs : Unpacks::WholeOnly;
    }
    void unpackRows(std::int64_t first, const at::Tensor& out) const override {
        unpackInto(*m_matrix, m_selection.firstRow + first, out.size(0),
                   out.mutable_data_ptr<float>());
    }

private:
    PackedMatrixPtr m_matrix;
    RowSelection m_selection;
};

}  // namespace

at::Tensor unpacked(const PackedMatrix& matrix, const RowSelection& selection) {
    const std::int64_t columns = matrix.size().columns;
    const auto unpack = [&](std::int64_t first, std::int64_t rows) {
        at::Tensor out = at::empty({rows, columns}, at::kFloat);
        unpackInto(matrix, first, rows, out.mutable_data_ptr<float>());
        return out;
    };
    if (selection.groups > 1) {
        return unpack(0, selection.groups * selection.groupRows)
            .view({selection.groups, selection.groupRows, columns})
            .narrow(1, selection.firstRow, selection.rows)
            .flatten(0, 1);
    }
    const at::Tensor out = unpack(selection.firstRow, selection.rows);
    if (selection.interleavedHeads == 0) return out;
    const std::int64_t heads = selection.interleavedHeads;
    return out.view({heads, selection.rows / heads / 2, 2, columns})
        .transpose(1, 2)
        .reshape({selection.rows, columns});
}

LinearPtr makePackedLinear(PackedMatrixPtr matrix, RowSelection selection, at::Tensor bias) {
    return std::make_shared<PackedLinear>(std::move(matrix), selection, std::move(bias));
}

}  // namespace driftlens
