#include "core/quantized/sparse_bitmask.h"

#include "core/quantized/float_formats.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace driftlens {
namespace {

class SparseMatrix final : public PackedMatrix {
public:
    SparseMatrix(MatrixSize size, std::string form, StoredTensor mask, StoredTensor values,
                 std::vector<std::int64_t> starts)
        : PackedMatrix(size, std::move(form), mask.bytes.size() + values.bytes.size()),
          m_mask(std::move(mask)),
          m_values(std::move(values)),
          m_starts(std::move(starts)) {}

private:
    void expand(std::int64_t first, std::int64_t count, float* out) const override {
        std::fill_n(out, count * size().columns, 0.0F);
        for (std::int64_t r = 0; r < count; ++r) expandRow(first + r, out + r * size().columns);
    }

    void expandRow(std::int64_t row, float* out) const {
        const auto perRow = static_cast<std::size_t>(m_mask.shape[1]);
        auto next = static_cast<std::size_t>(m_starts[static_cast<std::size_t>(row)]);
        for (std::size_t byte = 0; byte < perRow; ++byte) {
            unsigned bits =
                elementOf<std::uint8_t>(m_mask, static_cast<std::size_t>(row) * perRow + byte);
            for (; bits != 0; bits &= bits - 1) {
                out[byte * 8 + static_cast<std::size_t>(std::countr_zero(bits))] = valueAt(next++);
            }
        }
    }

    float valueAt(std::size_t i) const {
        if (m_values.type == ElementType::F16) {
            return halfToFloat(elementOf<std::uint16_t>(m_values, i));
        }
        if (m_values.type == ElementType::BF16) {
            return bfloat16ToFloat(elementOf<std::uint16_t>(m_values, i));
        }
        return elementOf<float>(m_values, i);
    }

    StoredTensor m_mask;
    StoredTensor m_values;
    std::vector<std::int64_t> m_starts;  // of every row among the values
};

// Where the values of every row start, by counting the mask; the last entry is their number.
std::vector<std::int64_t> countedStarts(const StoredTensor& mask, const MatrixSize& size) {
    const std::int64_t perRow = mask.shape[1];
    const auto padding = static_cast<unsigned>(perRow * 8 - size.columns);
    std::vector<std::int64_t> starts = {0};
    for (std::int64_t r = 0; r < size.rows; ++r) {
        std::int64_t count = 0;
        unsigned last = 0;
        for (std::int64_t byte = 0; byte < perRow; ++byte) {
            last = elementOf<std::uint8_t>(mask, static_cast<std::size_t>(r * perRow + byte));
            count += std::popcount(last);
        }
        if (last >> (8U - padding) != 0) {
            failTensor(mask, "marks weights past the end of row " + std::to_string(r));
        }
        starts.push_back(starts.back() + count);
    }
    return starts;
}

void checkShape(const StoredTensor& tensor, const MatrixSize& size) {
    requireType(tensor, ElementType::I64);
    const bool isPair = tensor.elementCount() == 2;
    if (isPair && elementOf<std::int64_t>(tensor, 0) == size.rows &&
        elementOf<std::int64_t>(tensor, 1) == size.columns) {
        return;
    }
    failTensor(tensor, "does not say " + shapeText({size.rows, size.columns}));
}

void checkOffsets(const StoredTensor& offsets, const std::vector<std::int64_t>& starts) {
    for (std::size_t r = 0; r + 1 < starts.size(); ++r) {
        const auto offset = elementOf<std::int64_t>(offsets, r);
        if (offset == starts[r]) continue;
        failTensor(offsets, "starts row " + std::to_string(r) + " at " + std::to_string(offset) +
                                ", the mask at " + std::to_string(starts[r]));
    }
}

void checkTwoOfFour(const StoredTensor& mask, const std::vector<std::int64_t>& starts,
                    std::int64_t columns) {
    for (std::size_t r = 0; r + 1 < starts.size(); ++r) {
        if (starts[r + 1] - starts[r] == columns / 2) continue;
        failTensor(mask, "marks " + std::to_string(starts[r + 1] - starts[r]) + " weights in row " +
                             std::to_string(r) + ", expected " + std::to_string(columns / 2));
    }
}

}  // namespace

PackedMatrixPtr makeSparseMatrix(const PackedSource& source, SparseFormat format) {
    source.checkSize();
    const auto [rows, columns] = source.size;
    const bool is24 = format == SparseFormat::Bitmask24;
    const std::string prefix = is24 ? "" : "weight.";
    checkShape(source.required(prefix + "shape"), source.size);
    const StoredTensor& mask =
        source.required(prefix + "bitmask", ElementType::U8, {rows, (columns + 7) / 8});
    const std::vector<std::int64_t> starts = countedStarts(mask, source.size);
    const StoredTensor& values = source.required(prefix + "compressed");
    if (is24) {
        checkTwoOfFour(mask, starts, columns);
        requireShape(values, {rows, columns / 2});
    } else {
        checkOffsets(source.required(prefix + "row_offsets", ElementType::I64, {rows}), starts);
        requireShape(values, {starts.back()});
    }
    if (values.type == ElementType::F8E4M3) source.refuse("sparse FP8 values are not supported");
    checkIsFinite(values);
    return std::make_shared<SparseMatrix>(source.size, is24 ? "2:4 sparse" : "sparse", mask, values,
                                          starts);
}

}  // namespace driftlens
