#include "engine/bench/dequantize_bench.h"

#include "core/quantized/block_format.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace driftlens {
namespace {

TEST(DequantizeBench, TimesEverySupportedFormat) {
    const DequantizeBench bench = benchDequantize(std::size_t{1} << 20, 1);
    const auto formats = blockFormats();
    EXPECT_EQ(std::ssize(bench.formats),
              std::count_if(formats.begin(), formats.end(),
                            [](const BlockFormat& format) { return format.isSupported(); }));
    EXPECT_GT(bench.copyBytesPerSecond, 0.0);
    for (const DequantizeCost& cost : bench.formats) EXPECT_GT(cost.bytesPerSecond, 0.0);
    EXPECT_EQ(toJson(bench)["formats"].size(), bench.formats.size());
}

}  // namespace
}  // namespace driftlens
