// Block formats of one weight and of 32 weights with one scale. Private to block_format.cpp.
//
// Each struct is one format: the layout of a block as in ggml's ggml-common.h, and expand(), which
// writes its weights in the order of operations of ggml-quants.c. Blocks are little-endian and have
// no padding.
#pragma once

#include "core/quantized/float_formats.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace driftlens::blocks {

template <std::size_t N>
using Bytes = std::array<std::uint8_t, N>;

// Numbers that C++ converts itself: rounds to nearest where float32 is too narrow.
template <typename T>
struct Number {
    static constexpr std::size_t kWeights = 1;
    struct Block {
        T value;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        *out = static_cast<float>(b.value);
    }
};

struct F16 {
    static constexpr std::size_t kWeights = 1;
    struct Block {
        std::uint16_t value;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        *out = halfToFloat(b.value);
    }
};

struct BF16 {
    static constexpr std::size_t kWeights = 1;
    struct Block {
        std::uint16_t value;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        *out = bfloat16ToFloat(b.value);
    }
};

struct Q4_0 {
    static constexpr std::size_t kWeights = 32;
    struct Block {
        std::uint16_t scale;
        Bytes<16> codes;  // low nibbles: weights 0 to 15; high nibbles: 16 to 31
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        for (std::size_t i = 0; i < 16; ++i) {
            out[i] = static_cast<float>((b.codes[i] & 15) - 8) * scale;
        }
        for (std::size_t i = 0; i < 16; ++i) {
            out[i + 16] = static_cast<float>((b.codes[i] >> 4) - 8) * scale;
        }
    }
};

struct Q4_1 {
    static constexpr std::size_t kWeights = 32;
    struct Block {
        std::uint16_t scale;
        std::uint16_t minimum;
        Bytes<16> codes;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        const float minimum = halfToFloat(b.minimum);
        for (std::size_t i = 0; i < 16; ++i) {
            out[i] = static_cast<float>(b.codes[i] & 15) * scale + minimum;
        }
        for (std::size_t i = 0; i < 16; ++i) {
            out[i + 16] = static_cast<float>(b.codes[i] >> 4) * scale + minimum;
        }
    }
};

// The fifth bits of 32 codes, one byte each: 0 or 16. Bit i of the little-endian word is weight
// i's.
[[gnu::always_inline]] inline Bytes<32> fifthBits(const Bytes<4>& high) {
    Bytes<32> out{};
    for (std::size_t i = 0; i < 32; ++i) {
        const auto mask = static_cast<std::uint8_t>(1U << (i % 8));
        out[i] = (high[i / 8] & mask) != 0 ? 16 : 0;
    }
    return out;
}

struct Q5_0 {
    static constexpr std::size_t kWeights = 32;
    struct Block {
        std::uint16_t scale;
        Bytes<4> high;
        Bytes<16> codes;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        const Bytes<32> fifth = fifthBits(b.high);
        for (std::size_t i = 0; i < 16; ++i) {
            out[i] = static_cast<float>(((b.codes[i] & 15) | fifth[i]) - 16) * scale;
        }
        for (std::size_t i = 0; i < 16; ++i) {
            out[i + 16] = static_cast<float>(((b.codes[i] >> 4) | fifth[i + 16]) - 16) * scale;
        }
    }
};

struct Q5_1 {
    static constexpr std::size_t kWeights = 32;
    struct Block {
        std::uint16_t scale;
        std::uint16_t minimum;
        Bytes<4> high;
        Bytes<16> codes;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        const float minimum = halfToFloat(b.minimum);
        const Bytes<32> fifth = fifthBits(b.high);
        for (std::size_t i = 0; i < 16; ++i) {
            out[i] = static_cast<float>((b.codes[i] & 15) | fifth[i]) * scale + minimum;
        }
        for (std::size_t i = 0; i < 16; ++i) {
            out[i + 16] = static_cast<float>((b.codes[i] >> 4) | fifth[i + 16]) * scale + minimum;
        }
    }
};

struct Q8_0 {
    static constexpr std::size_t kWeights = 32;
    struct Block {
        std::uint16_t scale;
        std::array<std::int8_t, 32> codes;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        const float scale = halfToFloat(b.scale);
        for (std::size_t i = 0; i < 32; ++i) out[i] = static_cast<float>(b.codes[i]) * scale;
    }
};

}  // namespace driftlens::blocks
