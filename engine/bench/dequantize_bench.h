// How fast packed weights become floats, beside copying as many bytes.
#pragma once

#include "core/base/json.h"

#include <string>
#include <vector>

namespace driftlens {

struct DequantizeCost {
    std::string format;  // of GGUF: "Q4_K"
    double bitsPerWeight = 0.0;
    double bytesPerSecond = 0.0;  // of float32 written, on one core
};

struct DequantizeBench {
    double copyBytesPerSecond = 0.0;  // memcpy of the same output from another buffer
    std::vector<DequantizeCost> formats;
};

// Every supported block format, on random blocks that fill `outputBytes` of floats; medians of
// `repeat` runs after one that is not counted. One core.
DequantizeBench benchDequantize(std::size_t outputBytes, int repeat);

Json toJson(const DequantizeBench& bench);  // "driftlens/bench-dequantize/1"

}  // namespace driftlens
