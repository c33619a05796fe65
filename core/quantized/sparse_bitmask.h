// Sparse matrices as compressed-tensors stored them until its version 0.12: the values that are
// not zero, and a bit for every weight.
#pragma once

#include "core/quantized/packed_matrix.h"

namespace driftlens {

enum class SparseFormat {
    Bitmask,    // "sparse-bitmask": compressed [n], row_offsets I64 [rows]
    Bitmask24,  // "sparse-24-bitmask": compressed [rows, columns / 2]: two of every four
};

// Reads shape I64, compressed (F32, F16 or BF16), bitmask U8 [rows, ceil(columns / 8)] (lowest bit
// first) under "<module>.", and for Bitmask under "<module>.weight.". Throws Error(InputFile)
// naming tensor, row and value if the mask, the offsets and the values contradict each other or a
// value is not finite.
PackedMatrixPtr makeSparseMatrix(const PackedSource& source, SparseFormat format);

}  // namespace driftlens
