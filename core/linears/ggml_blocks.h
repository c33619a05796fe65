// Weights in ggml's block formats, as they lie in a GGUF file.
#pragma once

#include "core/files/gguf.h"
#include "core/linears/linear.h"

namespace driftlens {

// W [rows, in]: rows of a stored tensor, dequantised as ggml does, in float32.
struct BlockWeight {
    GgufTensor tensor;          // [..., in]; leading dimensions count as rows
    std::int64_t firstRow = 0;  // of the tensor
    std::int64_t rows = 0;
    // Rows of each of so many heads were interleaved, (0, d/2, 1, d/2 + 1, …), for rotations of
    // neighbours; here they are in halves again. 0: as stored.
    std::int64_t interleavedHeads = 0;
};

// All values of the weight, float32 [rows, in].
at::Tensor dequantized(const BlockWeight& weight);

LinearPtr makeBlockLinear(BlockWeight weight, at::Tensor bias);

}  // namespace driftlens
