// A tensor of a GGUF file as a matrix that gives any of its rows.
#pragma once

#include "core/files/gguf.h"
#include "core/quantized/packed_matrix.h"

namespace driftlens {

// Leading dimensions count as rows. Throws Error(Unsupported) naming file, tensor and format, with
// those that are supported, if the format is not.
PackedMatrixPtr makeGgufMatrix(const GgufTensor& tensor);

}  // namespace driftlens
