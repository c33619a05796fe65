#include "engine/bench/dequantize_bench.h"

#include "core/base/random.h"
#include "core/quantized/block_format.h"
#include "engine/bench/timing.h"

#include <cstring>

namespace driftlens {
namespace {

// Blocks whose scales are ordinary numbers: others would be slower than those of any real file.
// With these bits the upper byte of a half float has an exponent from 4 to 15.
std::vector<std::byte> randomBlocks(std::size_t bytes) {
    RandomStream draws(0, "bench", 0);
    std::vector<std::byte> out(bytes);
    for (std::byte& byte : out)
        byte = static_cast<std::byte>(static_cast<unsigned>(draws.uniform() * 64.0) | 0x10U);
    return out;
}

}  // namespace

DequantizeBench benchDequantize(std::size_t outputBytes, int repeat) {
    std::vector<float> out(outputBytes / sizeof(float));
    const std::vector<float> source(out.size(), 1.0F);
    const auto rate = [&](std::size_t floats, const auto& work) {
        return static_cast<double>(floats * sizeof(float)) / medianSeconds(repeat, work);
    };
    DequantizeBench bench;
    bench.copyBytesPerSecond = rate(
        out.size(), [&] { std::memcpy(out.data(), source.data(), out.size() * sizeof(float)); });
    for (const BlockFormat& format : blockFormats()) {
        if (!format.isSupported()) continue;
        const std::size_t blocks = out.size() / format.weights;
        const std::vector<std::byte> packed = randomBlocks(blocks * format.bytes);
        const std::span<float> target(out.data(), blocks * format.weights);
        bench.formats.push_back(
            {std::string(format.name), format.bitsPerWeight(),
             rate(target.size(), [&] { dequantizeRows(format, packed, target); })});
    }
    return bench;
}

Json toJson(const DequantizeBench& bench) {
    Json formats = Json::array();
    for (const DequantizeCost& cost : bench.formats) {
        formats.push_back({{"format", cost.format},
                           {"bits_per_weight", cost.bitsPerWeight},
                           {"bytes_per_second", cost.bytesPerSecond},
                           {"share_of_copy", cost.bytesPerSecond / bench.copyBytesPerSecond}});
    }
    return {{"schema", "driftlens/bench-dequantize/1"},
            {"copy_bytes_per_second", bench.copyBytesPerSecond},
            {"formats", formats}};
}

}  // namespace driftlens
