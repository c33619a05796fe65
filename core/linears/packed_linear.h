// The Linear of every form that is unpacked by torch-free code: GGUF's blocks, GPTQ, AWQ,
// bitsandbytes, compressed-tensors.
#pragma once

#include "core/linears/linear.h"
#include "core/quantized/packed_matrix.h"

namespace driftlens {

// Which rows of a stored matrix are a Linear's weight.
struct RowSelection {
    std::int64_t firstRow = 0;
    std::int64_t rows = 0;  // of each group
    // Rows may repeat: `rows` of every groupRows, in so many groups (GPT-NeoX's heads).
    std::int64_t groups = 1;
    std::int64_t groupRows = 0;
    // Rows of each of so many heads were interleaved, (0, d/2, 1, d/2 + 1, …), for rotations of
    // neighbours; here they are in halves again. 0: as stored. Only with one group.
    std::int64_t interleavedHeads = 0;

    std::int64_t count() const { return rows * groups; }
};

// The selected rows, float32 [count, columns], unpacked by several threads.
at::Tensor unpacked(const PackedMatrix& matrix, const RowSelection& selection);

LinearPtr makePackedLinear(PackedMatrixPtr matrix, RowSelection selection, at::Tensor bias);

}  // namespace driftlens
