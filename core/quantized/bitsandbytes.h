// Matrices as bitsandbytes stores them.
#pragma once

#include "core/quantized/packed_matrix.h"

namespace driftlens {

// PackedMatrix::form of LLM.int8 weights.
inline constexpr char kLlmInt8Form[] = "LLM.int8 rows";

// NF4 or FP4, whichever "<module>.weight.quant_state.bitsandbytes__…" is there: weight (codes, the
// upper half of a byte first), weight.absmax (F32, or U8 with nested_absmax and nested_quant_map),
// weight.quant_map F32 [16]. Weights are rounded to the type in the quantisation state. Throws
// Error(InputFile) naming tensor and value on everything missing, contradictory or not finite.
PackedMatrixPtr makeBitsandbytes4Matrix(const PackedSource& source);

// LLM.int8: weight I8 [out, in], SCB F32 [out], weight_format U8 0 or absent. What the library
// computes for inputs without outliers; it splits off columns of larger activations, which no
// weight can say. Throws Error(Unsupported) for other weight formats, else as above.
PackedMatrixPtr makeBitsandbytes8Matrix(const PackedSource& source);

}  // namespace driftlens
