// Packed integers and narrow floating-point numbers against their definitions.
#include "core/quantized/bit_packing.h"

#include "core/quantized/float_formats.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace driftlens {
namespace {

std::vector<std::uint8_t> codesOf(int bits, std::size_t count) {
    std::vector<std::uint8_t> codes(count);
    for (std::size_t i = 0; i < count; ++i) {
        codes[i] = static_cast<std::uint8_t>((i * 7 + i / 5) % (std::size_t{1} << bits));
    }
    return codes;
}

// Packs bit by bit, with so many codes per word of 32 bits (0: dense).
std::vector<std::byte> packed(const std::vector<std::uint8_t>& codes, int bits, int perWord) {
    std::vector<bool> stream;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (perWord > 0 && i % static_cast<std::size_t>(perWord) == 0) {
            stream.resize((stream.size() + 31) / 32 * 32);
        }
        for (int bit = 0; bit < bits; ++bit) stream.push_back((codes[i] >> bit & 1) != 0);
    }
    stream.resize(perWord > 0 ? (stream.size() + 31) / 32 * 32 : (stream.size() + 7) / 8 * 8);
    std::vector<std::byte> out(stream.size() / 8);
    for (std::size_t i = 0; i < stream.size(); ++i) {
        if (stream[i]) out[i / 8] |= std::byte{1} << (i % 8);
    }
    return out;
}

TEST(BitPacking, UndoesEveryWidthAndLength) {
    for (int bits = 1; bits <= 8; ++bits) {
        for (std::size_t count = 0; count <= 70; ++count) {
            const std::vector<std::uint8_t> codes = codesOf(bits, count);
            std::vector<std::uint8_t> got(count);
            unpackDense(packed(codes, bits, 0), bits, got);
            EXPECT_EQ(got, codes) << bits << " bits, " << count;
            unpackWords(packed(codes, bits, 32 / bits), bits, got);
            EXPECT_EQ(got, codes) << bits << " bits in words, " << count;
        }
    }
}

// 32 codes i % 8 of three bits, as the formats' own tools write them.
TEST(BitPacking, ReadsTheWordsOfTheTools) {
    const std::vector<std::uint32_t> dense = {0x88FAC688, 0xC688FAC6, 0xFAC688FA};
    const std::vector<std::uint32_t> words = {0x08FAC688, 0x1A23EB1A, 0x2C688FAC, 0x3E};
    std::vector<std::uint8_t> got(32);
    unpackDense(std::as_bytes(std::span(dense)), 3, got);
    for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(got[i], i % 8) << i;
    unpackWords(std::as_bytes(std::span(words)), 3, got);
    for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(got[i], i % 8) << i;
}

TEST(FloatFormats, Float8HasEveryValue) {
    for (int code = 0; code < 256; ++code) {
        const auto byte = static_cast<std::uint8_t>(code);
        const double sign = code >= 128 ? -1.0 : 1.0;
        const int exponent4 = (code >> 3) & 15;
        const double e4m3 =
            exponent4 == 0 ? std::ldexp(code & 7, -9) : std::ldexp(8 + (code & 7), exponent4 - 10);
        if ((code & 127) == 127) {
            EXPECT_TRUE(std::isnan(e4m3ToFloat(byte)));
        } else {
            EXPECT_EQ(e4m3ToFloat(byte), static_cast<float>(sign * e4m3)) << code;
            EXPECT_EQ(std::signbit(e4m3ToFloat(byte)), code >= 128) << code;
        }
        const int exponent5 = (code >> 2) & 31;
        const double e5m2 =
            exponent5 == 0 ? std::ldexp(code & 3, -16) : std::ldexp(4 + (code & 3), exponent5 - 17);
        if (exponent5 == 31) {
            EXPECT_EQ(std::isnan(e5m2ToFloat(byte)), (code & 3) != 0) << code;
        } else {
            EXPECT_EQ(e5m2ToFloat(byte), static_cast<float>(sign * e5m2)) << code;
        }
        if (code == 255) {
            EXPECT_TRUE(std::isnan(e8m0ToFloat(byte)));
        } else {
            EXPECT_EQ(e8m0ToFloat(byte), static_cast<float>(std::ldexp(1.0, code - 127))) << code;
        }
    }
}

// Rounding is to the nearest, ties to the even neighbour: checked against both neighbours.
TEST(FloatFormats, RoundsToTheNearestNarrowValue) {
    std::mt19937 random(7);
    for (int i = 0; i < 200000; ++i) {
        const auto bits = static_cast<std::uint32_t>(random());
        float value = 0.0F;
        std::memcpy(&value, &bits, 4);
        if (!std::isfinite(value) || std::fabs(value) > 3e38F) continue;
        const float bf16 = roundToBfloat16(value);
        const auto below = bfloat16ToFloat(static_cast<std::uint16_t>(bits >> 16U));
        const auto above = bfloat16ToFloat(static_cast<std::uint16_t>((bits >> 16U) + 1U));
        const bool isUp = bf16 == above && bf16 != below;
        const double toBelow = std::fabs(static_cast<double>(value) - below);
        const double toAbove = std::fabs(static_cast<double>(above) - value);
        EXPECT_EQ(isUp, toAbove < toBelow || (toAbove == toBelow && (bits >> 16U & 1U) != 0));
    }
    for (std::uint32_t half = 0; half < 0x7BFF; ++half) {
        const float low = halfToFloat(static_cast<std::uint16_t>(half));
        const float high = halfToFloat(static_cast<std::uint16_t>(half + 1));
        const float middle = 0.5F * (low + high);
        EXPECT_EQ(roundToHalf(low), low);
        EXPECT_EQ(roundToHalf(-high), -high);
        EXPECT_EQ(roundToHalf(middle), half % 2 == 0 ? low : high) << half;
        EXPECT_EQ(roundToHalf(std::nextafter(middle, 0.0F)), low) << half;
        EXPECT_EQ(roundToHalf(std::nextafter(middle, 1e9F)), high) << half;
    }
    EXPECT_EQ(roundToHalf(65519.0F), 65504.0F);
    EXPECT_TRUE(std::isinf(roundToHalf(65520.0F)));
}

}  // namespace
}  // namespace driftlens
