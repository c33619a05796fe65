// Matrices of codes that stand for the entries of a table, with a scale per block: four-bit and
// eight-bit floating-point formats and what bitsandbytes makes of them.
#pragma once

#include "core/quantized/packed_matrix.h"

namespace driftlens {

enum class CodeWidth {
    NibbleLowFirst,   // two codes a byte
    NibbleHighFirst,  // two codes a byte, the first in the upper half
    Byte,
};

// The type weights are rounded to after the product, as the library that stores them does.
enum class RoundTo { F32, F16, BF16 };

// W in row-major order: element i is table[code i] × scales[i / blockSize], rounded. Blocks may
// straddle rows; the last may be shorter.
struct CodedValues {
    StoredTensor codes;  // checked by the caller to have a code for every element
    CodeWidth width = CodeWidth::Byte;
    std::vector<float> table;  // 16 entries for nibbles, 256 for bytes
    std::int64_t blockSize = 1;
    std::vector<float> scales;  // one per block
    RoundTo roundTo = RoundTo::F32;
};

PackedMatrixPtr makeCodedMatrix(MatrixSize size, std::string form, std::size_t storedBytes,
                                CodedValues values);

std::vector<float> e2m1Table();  // 16 entries
std::vector<float> e4m3Table();  // 256 entries

}  // namespace driftlens
