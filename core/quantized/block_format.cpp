#include "core/quantized/block_format.h"

#include "core/base/checked_math.h"
#include "core/base/error.h"
#include "core/quantized/code_blocks.h"
#include "core/quantized/k_blocks.h"
#include "core/quantized/plain_blocks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>

namespace driftlens {
namespace {

static_assert(std::endian::native == std::endian::little, "blocks are stored little-endian");

// SSE2, the baseline, is as fast here as AVX2 (measured): the loops wait for conversions and
// memory.
template <typename Format>
void dequantizeAs(const std::byte* __restrict blocks, std::size_t count, float* __restrict out) {
    for (std::size_t i = 0; i < count; ++i) {
        typename Format::Block block;
        std::memcpy(&block, blocks + i * sizeof(block), sizeof(block));
        Format::expand(block, out + i * Format::kWeights);
    }
}

template <typename Format>
constexpr BlockFormat built(std::uint32_t id, std::string_view name) {
    return {id, name, Format::kWeights, sizeof(typename Format::Block), &dequantizeAs<Format>};
}

constexpr BlockFormat refused(std::uint32_t id, std::string_view name, std::size_t weights,
                              std::size_t bytes) {
    return {id, name, weights, bytes, nullptr};
}

// Refused are Q8_1 and Q8_K, which ggml uses for activations and never stores, and the formats
// that need ggml's tables of lattice points: those tables follow from no rule, and are not ours.
constexpr std::array<BlockFormat, 35> kFormats = {{
    built<blocks::Number<float>>(0, "F32"),
    built<blocks::F16>(1, "F16"),
    built<blocks::Q4_0>(2, "Q4_0"),
    built<blocks::Q4_1>(3, "Q4_1"),
    built<blocks::Q5_0>(6, "Q5_0"),
    built<blocks::Q5_1>(7, "Q5_1"),
    built<blocks::Q8_0>(8, "Q8_0"),
    refused(9, "Q8_1", 32, 36),
    built<blocks::Q2_K>(10, "Q2_K"),
    built<blocks::Q3_K>(11, "Q3_K"),
    built<blocks::Q4_K>(12, "Q4_K"),
    built<blocks::Q5_K>(13, "Q5_K"),
    built<blocks::Q6_K>(14, "Q6_K"),
    refused(15, "Q8_K", 256, 292),
    refused(16, "IQ2_XXS", 256, 66),
    refused(17, "IQ2_XS", 256, 74),
    refused(18, "IQ3_XXS", 256, 98),
    refused(19, "IQ1_S", 256, 50),
    built<blocks::IQ4_NL>(20, "IQ4_NL"),
    built<blocks::IQ3_S>(21, "IQ3_S"),
    refused(22, "IQ2_S", 256, 82),
    built<blocks::IQ4_XS>(23, "IQ4_XS"),
    built<blocks::Number<std::int8_t>>(24, "I8"),
    built<blocks::Number<std::int16_t>>(25, "I16"),
    built<blocks::Number<std::int32_t>>(26, "I32"),
    built<blocks::Number<std::int64_t>>(27, "I64"),
    built<blocks::Number<double>>(28, "F64"),
    refused(29, "IQ1_M", 256, 56),
    built<blocks::BF16>(30, "BF16"),
    built<blocks::TQ1_0>(34, "TQ1_0"),
    built<blocks::TQ2_0>(35, "TQ2_0"),
    built<blocks::MXFP4>(39, "MXFP4"),
    built<blocks::NVFP4>(40, "NVFP4"),
    built<blocks::Q1_0>(41, "Q1_0"),
    built<blocks::Q2_0>(42, "Q2_0"),
}};

}  // namespace

std::span<const BlockFormat> blockFormats() noexcept {
    return kFormats;
}

const BlockFormat* findBlockFormat(std::uint32_t id) noexcept {
    const auto* found = std::find_if(kFormats.begin(), kFormats.end(),
                                     [&](const BlockFormat& row) { return row.id == id; });
    return found == kFormats.end() ? nullptr : found;
}

void dequantizeRows(const BlockFormat& format, std::span<const std::byte> packed,
                    std::span<float> out) {
    if (!format.isSupported()) {
        throw Error(ErrorKind::Unsupported,
                    "weights in the format " + std::string(format.name) + " are not supported");
    }
    const std::size_t count = packed.size() / format.bytes;
    const auto weights = checkedProduct(count, format.weights);
    if (packed.size() % format.bytes != 0 || weights != out.size()) {
        throw Error(ErrorKind::Internal, "dequantizeRows: " + std::to_string(packed.size()) +
                                             " bytes of " + std::string(format.name) + " for " +
                                             std::to_string(out.size()) + " weights");
    }
    format.dequantize(packed.data(), count, out.data());
}

}  // namespace driftlens
