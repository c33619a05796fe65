// Matrices as compressed-tensors (vLLM, llm-compressor) stores them, sparse ones excepted.
#pragma once

#include "core/quantized/packed_matrix.h"

#include <optional>

namespace driftlens {

// "format" of a group in the configuration.
enum class CompressedTensorsFormat {
    PackQuantized,   // "pack-quantized": integers of 2 to 8 bits in words
    IntQuantized,    // "int-quantized", "naive-quantized": I8
    FloatQuantized,  // "float-quantized": F8_E4M3
    Nvfp4Pack,       // "nvfp4-pack-quantized"
    Mxfp4Pack,       // "mxfp4-pack-quantized"
};

// By its name. Throws Error(Unsupported) naming any other format ("marlin-24" holds words in the
// order of a kernel).
CompressedTensorsFormat compressedTensorsFormat(std::string_view name);

struct CompressedTensorsSettings {
    CompressedTensorsFormat format = CompressedTensorsFormat::PackQuantized;
    int bits = 4;
    bool symmetric = true;
    std::int64_t groupSize = -1;  // inputs per scale; −1: per output, or one for all
};

// Reads weight_packed or weight, weight_scale and, as the format has them, weight_shape,
// weight_zero_point, weight_g_idx, weight_global_scale. Both packings of integers that do not
// divide a word are told apart by the number of words. Throws Error(Unsupported) for bits outside
// the format, blocks in two dimensions, and sizes for which the two packings cannot be told apart;
// Error(InputFile) naming tensor and value if a tensor is missing, contradicts settings or network,
// or is not finite.
PackedMatrixPtr makeCompressedTensorsMatrix(const PackedSource& source,
                                            const CompressedTensorsSettings& settings);

}  // namespace driftlens
