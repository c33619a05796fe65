// ggml's "K" formats: 256 weights per block, scales of its parts quantised too. Private to
// block_format.cpp; see plain_blocks.h for the conventions.
#pragma once

#include "core/quantized/plain_blocks.h"

namespace driftlens::blocks {

struct Q2_K {
    static constexpr std::size_t kWeights = 256;
    struct Block {
        Bytes<16> scales;  // of 16 weights each: low nibble scale, high nibble minimum
        Bytes<64> codes;   // four weights a byte, 32 apart
        std::uint16_t scale;
        std::uint16_t minimum;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        const float minimum = halfToFloat(b.minimum);
        for (std::size_t part = 0; part < 16; ++part) {
            const float d = scale * static_cast<float>(b.scales[part] & 15);
            const float m = minimum * static_cast<float>(b.scales[part] >> 4);
            const std::uint8_t* codes = b.codes.data() + part / 8 * 32 + part % 2 * 16;
            const auto shift = static_cast<int>(part % 8 / 2 * 2);
            for (std::size_t i = 0; i < 16; ++i) {
                out[part * 16 + i] = d * static_cast<float>((codes[i] >> shift) & 3) - m;
            }
        }
    }
};

struct Q3_K {
    static constexpr std::size_t kWeights = 256;
    struct Block {
        Bytes<32> high;    // bit k of byte i: the third bit of weight 32 k + i
        Bytes<64> codes;   // two bits each, as in Q2_K
        Bytes<12> scales;  // 16 of six bits
        std::uint16_t scale;
    };
    // The six bits of scale i: four in a nibble of the first eight bytes, two in the last four.
    [[gnu::always_inline]] static int scaleOf(const Bytes<12>& scales, std::size_t i) {
        const int low = i < 8 ? scales[i] & 15 : scales[i - 8] >> 4;
        const int high = (scales[8 + i % 4] >> (i / 4 * 2)) & 3;
        return (low | (high << 4)) - 32;
    }
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        for (std::size_t part = 0; part < 16; ++part) {
            const float d = scale * static_cast<float>(scaleOf(b.scales, part));
            const std::uint8_t* codes = b.codes.data() + part / 8 * 32 + part % 2 * 16;
            const std::uint8_t* high = b.high.data() + part % 2 * 16;
            const auto shift = static_cast<int>(part % 8 / 2 * 2);
            const auto bit = static_cast<int>(part / 2);
            for (std::size_t i = 0; i < 16; ++i) {
                const int code = ((codes[i] >> shift) & 3) + (((high[i] >> bit) & 1) << 2) - 4;
                out[part * 16 + i] = d * static_cast<float>(code);
            }
        }
    }
};

// The scale and the minimum of a group of 32 weights in Q4_K and Q5_K: six bits each, of which the
// last four groups keep the upper two bits beside those of the first four.
struct ScaleAndMinimum {
    std::uint8_t scale;
    std::uint8_t minimum;
};

[[gnu::always_inline]] inline ScaleAndMinimum scaleAndMinimum(const Bytes<12>& packed,
                                                              std::size_t group) {
    if (group < 4) {
        return {static_cast<std::uint8_t>(packed[group] & 63),
                static_cast<std::uint8_t>(packed[group + 4] & 63)};
    }
    return {static_cast<std::uint8_t>((packed[group + 4] & 15) | ((packed[group - 4] >> 6) << 4)),
            static_cast<std::uint8_t>((packed[group + 4] >> 4) | ((packed[group] >> 6) << 4))};
}

struct Q4_K {
    static constexpr std::size_t kWeights = 256;
    struct Block {
        std::uint16_t scale;
        std::uint16_t minimum;
        Bytes<12> scales;
        Bytes<128> codes;  // per 64 weights 32 bytes: low nibbles, then high
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        const float minimum = halfToFloat(b.minimum);
        for (std::size_t group = 0; group < 8; ++group) {
            const ScaleAndMinimum packed = scaleAndMinimum(b.scales, group);
            const float d = scale * static_cast<float>(packed.scale);
            const float m = minimum * static_cast<float>(packed.minimum);
            const std::uint8_t* bytes = b.codes.data() + group / 2 * 32;
            Bytes<32> codes;
            for (std::size_t i = 0; i < 32; ++i) {
                codes[i] = static_cast<std::uint8_t>((bytes[i] >> (group % 2 * 4)) & 15);
            }
            scaleCodesAndAdd(codes, d, -m, out + group * 32);
        }
    }
};

struct Q5_K {
    static constexpr std::size_t kWeights = 256;
    struct Block {
        std::uint16_t scale;
        std::uint16_t minimum;
        Bytes<12> scales;
        Bytes<32> high;  // bit g of byte i: the fifth bit of weight 32 g + i
        Bytes<128> codes;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        const float minimum = halfToFloat(b.minimum);
        for (std::size_t group = 0; group < 8; ++group) {
            const ScaleAndMinimum packed = scaleAndMinimum(b.scales, group);
            const float d = scale * static_cast<float>(packed.scale);
            const float m = minimum * static_cast<float>(packed.minimum);
            const std::uint8_t* codes = b.codes.data() + group / 2 * 32;
            const auto shift = static_cast<int>(group % 2 * 4);
            const auto bit = static_cast<int>(group);
            for (std::size_t i = 0; i < 32; ++i) {
                const int code = ((codes[i] >> shift) & 15) | (((b.high[i] >> bit) & 1) << 4);
                out[group * 32 + i] = d * static_cast<float>(code) - m;
            }
        }
    }
};

struct Q6_K {
    static constexpr std::size_t kWeights = 256;
    struct Block {
        Bytes<128> low;  // per 128 weights 64 bytes: low nibbles, then high
        Bytes<64> high;  // per 128 weights 32 bytes: two bits each, 32 weights apart
        std::array<std::int8_t, 16> scales;  // of 16 weights each
        std::uint16_t scale;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        for (std::size_t part = 0; part < 16; ++part) {
            const float d = scale * static_cast<float>(b.scales[part]);
            const std::size_t half = part / 8;
            const std::size_t quarter = part % 8 / 2;  // 32 weights of this half
            const std::uint8_t* low = b.low.data() + half * 64 + quarter % 2 * 32 + part % 2 * 16;
            const std::uint8_t* high = b.high.data() + half * 32 + part % 2 * 16;
            const auto lowShift = static_cast<int>(quarter / 2 * 4);
            const auto highShift = static_cast<int>(quarter * 2);
            for (std::size_t i = 0; i < 16; ++i) {
                const int code = ((low[i] >> lowShift) & 15) | (((high[i] >> highShift) & 3) << 4);
                out[part * 16 + i] = d * static_cast<float>(code - 32);
            }
        }
    }
};

}  // namespace driftlens::blocks
