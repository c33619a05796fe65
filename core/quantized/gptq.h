// Matrices as GPTQ tools store them (AutoGPTQ, GPTQModel): words of codes along the inputs.
#pragma once

#include "core/quantized/packed_matrix.h"

namespace driftlens {

// How the stored zero points are read. Format 1 ("gptq") stores them less one. A true zero point of
// 0 has no code of its own there: the tools wrap it, and read it back in two ways that disagree.
// Words of three-bit codes are read field by field in either way.
enum class GptqZeros {
    AsStored,          // format 2 ("gptq_v2")
    PlusOne,           // format 1, each field by itself, as AutoGPTQ
    PlusOneWithCarry,  // format 1, whole words, as GPTQModel: a carry reaches the next field
};

struct GptqSettings {
    int bits = 4;
    std::int64_t groupSize = 128;  // −1: one group for all inputs
    GptqZeros zeros = GptqZeros::PlusOneWithCarry;
};

// Reads qweight I32 [in × bits / 32, out], qzeros I32 [groups, out × bits / 32], scales [groups,
// out] and, if there, g_idx I32 [in]. Throws Error(Unsupported) for other bits than 2, 3, 4, 8
// (5 to 7 are stored in planes), Error(InputFile) naming tensor and value if a tensor is missing,
// has another type or shape than the settings and the network say, a scale is not finite or a group
// does not exist.
PackedMatrixPtr makeGptqMatrix(const PackedSource& source, const GptqSettings& settings);

// True if a format 1 matrix has a zero point that PlusOne and PlusOneWithCarry read differently.
bool hasAmbiguousZeros(const PackedSource& source, const GptqSettings& settings);

}  // namespace driftlens
