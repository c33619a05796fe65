// Matrices of small integers with a scale and a zero point per group of columns: what GPTQ, AWQ
// and compressed-tensors store, each in its own order.
#pragma once

#include "core/quantized/packed_matrix.h"

#include <functional>

namespace driftlens {

// Scales and zero points of every row; W[r, c] = (code − zero) × scale of group(c).
struct GroupScales {
    std::int64_t groups = 1;
    std::int64_t groupSize = 0;         // columns; the last group may be shorter
    std::vector<float> scales;          // [rows, groups]
    std::vector<std::uint8_t> zeros;    // [rows, groups]
    std::vector<std::int32_t> groupOf;  // [columns]; empty: column / groupSize
};

// Writes the codes of rows [first, first + count), row-major, one byte each.
using UnpackCodes =
    std::function<void(std::int64_t first, std::int64_t count, std::uint8_t* codes)>;

PackedMatrixPtr makeGroupedMatrix(MatrixSize size, std::string form, std::size_t storedBytes,
                                  GroupScales groups, UnpackCodes unpack);

// The group size for a setting where −1 means one group for all columns. Throws Error(InputFile)
// naming the module and the value if it is 0 or below −1.
std::int64_t checkedGroupSize(const PackedSource& source, std::int64_t setting);

// ceil(columns / groupSize).
std::int64_t groupCount(std::int64_t columns, std::int64_t groupSize);

// The group of every column as stored ("g_idx"), or empty if that is column / groupSize. Throws
// Error(InputFile) naming tensor, column and value if it is no I32 [columns] in [0, groups).
std::vector<std::int32_t> checkedGroupOf(const StoredTensor& tensor, std::int64_t columns,
                                         std::int64_t groupSize, std::int64_t groups);

// [columns, rows] → [rows, columns].
template <typename T>
std::vector<T> transposed(const std::vector<T>& values, std::int64_t rows, std::int64_t columns) {
    std::vector<T> out(values.size());
    for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) {
            out[static_cast<std::size_t>(r * columns + c)] =
                values[static_cast<std::size_t>(c * rows + r)];
        }
    }
    return out;
}

}  // namespace driftlens
