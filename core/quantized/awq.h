// Matrices as AutoAWQ stores them: four-bit codes, in one of two layouts.
#pragma once

#include "core/quantized/packed_matrix.h"

namespace driftlens {

enum class AwqLayout {
    Gemm,  // words along the outputs, nibbles interleaved
    Gemv,  // words along the inputs, nibbles in order
};

struct AwqSettings {
    int bits = 4;
    std::int64_t groupSize = 128;  // −1: one group for all inputs
    AwqLayout layout = AwqLayout::Gemm;
};

// Gemm: qweight I32 [in, out / 8], qzeros I32 [groups, out / 8], scales [groups, out].
// Gemv: qweight I32 [out, in / 8], qzeros I32 [out, w], scales [out, 8 w], both padded: groups ≤
// 8 w. Throws Error(Unsupported) for other bits than 4 or sizes that are no multiple of 8,
// Error(InputFile) as makeGptqMatrix.
PackedMatrixPtr makeAwqMatrix(const PackedSource& source, const AwqSettings& settings);

}  // namespace driftlens
