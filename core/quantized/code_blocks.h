// Formats whose codes stand for uneven values, and those of two and three values per weight.
// Private to block_format.cpp; see plain_blocks.h for the conventions.
#pragma once

#include "core/quantized/iq3s_grid.h"
#include "core/quantized/plain_blocks.h"

namespace driftlens::blocks {

// The values of both nibbles of every byte, low nibble first: one look-up gives two weights.
using PairTable = std::array<std::array<std::int8_t, 2>, 256>;

constexpr PairTable pairsOf(const std::array<std::int8_t, 16>& values) {
    PairTable out{};
    for (std::size_t byte = 0; byte < out.size(); ++byte) {
        out[byte] = {values[byte & 15U], values[byte >> 4U]};
    }
    return out;
}

// Of IQ4_NL and IQ4_XS (ggml-common.h, kvalues_iq4nl).
inline constexpr PairTable kIq4Pairs =
    pairsOf({-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113});

// Of E2M1 (OCP microscaling specification), doubled to be integers.
inline constexpr PairTable kTwiceE2m1Pairs =
    pairsOf({0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12});

// 2 N weights of N bytes: low nibbles, then high.
template <std::size_t N>
[[gnu::always_inline]] inline void expandPairs(const PairTable& table, const std::uint8_t* bytes,
                                               float scale, float* __restrict out) {
    std::array<std::int8_t, 2 * N> codes;
    for (std::size_t i = 0; i < N; ++i) {
        codes[i] = table[bytes[i]][0];
        codes[i + N] = table[bytes[i]][1];
    }
    scaleCodes(codes, scale, out);
}

struct IQ4_NL {
    static constexpr std::size_t kWeights = 32;
    struct Block {
        std::uint16_t scale;
        Bytes<16> codes;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        expandPairs<16>(kIq4Pairs, b.codes.data(), halfToFloat(b.scale), out);
    }
};

struct IQ4_XS {
    static constexpr std::size_t kWeights = 256;
    struct Block {
        std::uint16_t scale;
        std::uint16_t scalesHigh;  // upper two bits of eight scales
        Bytes<4> scalesLow;        // their lower four
        Bytes<128> codes;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        for (std::size_t group = 0; group < 8; ++group) {
            const int low = (b.scalesLow[group / 2] >> (group % 2 * 4)) & 15;
            const int high = (b.scalesHigh >> (group * 2)) & 3;
            const float d = scale * static_cast<float>((low | (high << 4)) - 32);
            expandPairs<16>(kIq4Pairs, b.codes.data() + group * 16, d, out + group * 32);
        }
    }
};

struct IQ3_S {
    static constexpr std::size_t kWeights = 256;
    struct Block {
        std::uint16_t scale;
        Bytes<64> points;      // of the grid, lower eight bits; one gives four magnitudes
        Bytes<8> pointsHigh;   // their ninth bits, eight to a byte
        Bytes<32> signs;       // a bit per weight, set: negative
        Bytes<4> groupScales;  // of eight groups, four bits each
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        for (std::size_t group = 0; group < 8; ++group) {
            std::array<std::int8_t, 32> codes;
            for (std::size_t p = 0; p < 8; ++p) {
                const std::size_t high = (b.pointsHigh[group] >> p) & 1U;
                const auto& magnitudes = kIq3sGrid[b.points[group * 8 + p] | (high << 8U)];
                const unsigned signs = b.signs[group * 4 + p / 2] >> (p % 2 * 4);
                for (std::size_t i = 0; i < 4; ++i) {
                    const int sign = ((signs >> i) & 1U) != 0 ? -1 : 1;
                    codes[p * 4 + i] = static_cast<std::int8_t>(sign * magnitudes[i]);
                }
            }
            const int multiple = 1 + 2 * ((b.groupScales[group / 2] >> (group % 2 * 4)) & 15);
            scaleCodes(codes, scale * static_cast<float>(multiple), out + group * 32);
        }
    }
};

struct MXFP4 {
    static constexpr std::size_t kWeights = 32;
    struct Block {
        std::uint8_t exponent;  // E8M0
        Bytes<16> codes;        // E2M1, nibbles as in Q4_0
    };
    // Half of the E8M0 value, for codes that are doubled; 255 is not NaN here, as in ggml.
    [[gnu::always_inline]] static float halvedScale(std::uint8_t exponent) {
        return std::bit_cast<float>(exponent < 2U
                                        ? 0x00200000U << exponent
                                        : static_cast<std::uint32_t>(exponent - 1U) << 23U);
    }
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        expandPairs<16>(kTwiceE2m1Pairs, b.codes.data(), halvedScale(b.exponent), out);
    }
};

struct NVFP4 {
    static constexpr std::size_t kWeights = 64;
    struct Block {
        Bytes<4> scales;  // E4M3 without sign, of 16 weights each
        Bytes<32> codes;  // E2M1; per 16 weights 8 bytes: low nibbles, then high
    };
    // Half of the scale, for codes that are doubled. As in ggml the sign is ignored and NaN is 0.
    [[gnu::always_inline]] static float halvedScale(std::uint8_t scale) {
        if (scale == 0x7FU) return 0.0F;
        const std::uint32_t magnitude = scale & 0x7FU;
        const float value = magnitude < 8U
                                ? static_cast<float>(magnitude) * 0x1p-9F
                                : std::bit_cast<float>((magnitude << 20U) + (120U << 23U));
        return value * 0.5F;
    }
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        for (std::size_t part = 0; part < 4; ++part) {
            expandPairs<8>(kTwiceE2m1Pairs, b.codes.data() + part * 8, halvedScale(b.scales[part]),
                           out + part * 16);
        }
    }
};

// Three values per weight, five weights to a byte: byte × 3^k, cut to eight bits, has digit k of
// the base-3 fraction on top.
struct TQ1_0 {
    static constexpr std::size_t kWeights = 256;
    struct Block {
        Bytes<48> codes;  // 32 bytes of five weights, 32 apart; 16 bytes of five, 16 apart
        Bytes<4> tail;    // four weights each, 4 apart
        std::uint16_t scale;
    };
    template <std::size_t kBytes, std::size_t kDigits>
    [[gnu::always_inline]] static void expandDigits(const std::uint8_t* codes, float scale,
                                                    float* __restrict out) {
        constexpr std::array<std::uint8_t, 5> kPowers = {1, 3, 9, 27, 81};
        for (std::size_t digit = 0; digit < kDigits; ++digit) {
            for (std::size_t i = 0; i < kBytes; ++i) {
                const auto fraction = static_cast<std::uint8_t>(codes[i] * kPowers[digit]);
                const int value = (fraction * 3) >> 8;
                out[digit * kBytes + i] = static_cast<float>(value - 1) * scale;
            }
        }
    }
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        expandDigits<32, 5>(b.codes.data(), scale, out);
        expandDigits<16, 5>(b.codes.data() + 32, scale, out + 160);
        expandDigits<4, 4>(b.tail.data(), scale, out + 240);
    }
};

struct TQ2_0 {
    static constexpr std::size_t kWeights = 256;
    struct Block {
        Bytes<64> codes;  // four weights a byte, 32 apart
        std::uint16_t scale;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        for (std::size_t group = 0; group < 8; ++group) {
            const std::uint8_t* codes = b.codes.data() + group / 4 * 32;
            const auto shift = static_cast<int>(group % 4 * 2);
            for (std::size_t i = 0; i < 32; ++i) {
                out[group * 32 + i] = static_cast<float>(((codes[i] >> shift) & 3) - 1) * scale;
            }
        }
    }
};

struct Q1_0 {
    static constexpr std::size_t kWeights = 128;
    struct Block {
        std::uint16_t scale;
        Bytes<16> codes;  // bit i of byte j: the sign of weight 8 j + i
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        const Bytes<kWeights> bits = bitsAsBytes(b.codes);
        for (std::size_t i = 0; i < kWeights; ++i) out[i] = bits[i] != 0 ? scale : -scale;
    }
};

struct Q2_0 {
    static constexpr std::size_t kWeights = 64;
    struct Block {
        std::uint16_t scale;
        Bytes<16> codes;  // four weights a byte, next to each other
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        for (std::size_t i = 0; i < kWeights; ++i) {
            const int code = (b.codes[i / 4] >> (i % 4 * 2)) & 3;
            out[i] = static_cast<float>(code - 1) * scale;
        }
    }
};

}  // namespace driftlens::blocks
