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
#include <cstring>

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

// The last step of every format: integers times a scale. Codes are unpacked into bytes first; that
// and this are loops the compiler turns into vector instructions.
template <std::size_t N, typename Code>
[[gnu::always_inline]] inline void scaleCodes(const std::array<Code, N>& codes, float scale,
                                              float* __restrict out) {
    for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<float>(codes[i]) * scale;
}

template <std::size_t N>
[[gnu::always_inline]] inline void scaleCodesAndAdd(const Bytes<N>& codes, float scale,
                                                    float summand, float* __restrict out) {
    for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<float>(codes[i]) * scale + summand;
}

// Low nibbles of the bytes, then high ones.
template <std::size_t N>
[[gnu::always_inline]] inline Bytes<2 * N> nibbles(const Bytes<N>& packed) {
    Bytes<2 * N> out;
    for (std::size_t i = 0; i < N; ++i) out[i] = packed[i] & 15U;
    for (std::size_t i = 0; i < N; ++i) out[i + N] = static_cast<std::uint8_t>(packed[i] >> 4U);
    return out;
}

template <std::size_t N>
[[gnu::always_inline]] inline std::array<std::int8_t, N> minus(const Bytes<N>& codes,
                                                               std::uint8_t offset) {
    std::array<std::int8_t, N> out;
    for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<std::int8_t>(codes[i] - offset);
    return out;
}

// Byte i of the result is bit i of the input: 0 or 1.
template <std::size_t N>
[[gnu::always_inline]] inline Bytes<8 * N> bitsAsBytes(const Bytes<N>& packed) {
    Bytes<8 * N> out;
    for (std::size_t i = 0; i < N; ++i) {
        // Eight copies of the byte, of which copy k keeps bit k; adding 127 moves it to bit 7.
        const std::uint64_t kept = packed[i] * 0x0101010101010101ULL & 0x8040201008040201ULL;
        const std::uint64_t bits = ((kept + 0x007F7F7F7F7F7F7FULL) >> 7U) & 0x0101010101010101ULL;
        std::memcpy(out.data() + 8 * i, &bits, sizeof(bits));
    }
    return out;
}

struct Q4_0 {
    static constexpr std::size_t kWeights = 32;
    struct Block {
        std::uint16_t scale;
        Bytes<16> codes;  // low nibbles: weights 0 to 15; high nibbles: 16 to 31
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        scaleCodes(minus(nibbles(b.codes), 8), halfToFloat(b.scale), out);
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
        scaleCodesAndAdd(nibbles(b.codes), halfToFloat(b.scale), halfToFloat(b.minimum), out);
    }
};

// Codes of five bits: the fifth bits of all 32 are together, lowest first.
[[gnu::always_inline]] inline Bytes<32> fiveBitCodes(const Bytes<16>& low, const Bytes<4>& high) {
    Bytes<32> out = nibbles(low);
    const Bytes<32> fifth = bitsAsBytes(high);
    for (std::size_t i = 0; i < 32; ++i) {
        out[i] = static_cast<std::uint8_t>(out[i] | (fifth[i] << 4U));
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
        scaleCodes(minus(fiveBitCodes(b.codes, b.high), 16), halfToFloat(b.scale), out);
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
        scaleCodesAndAdd(fiveBitCodes(b.codes, b.high), halfToFloat(b.scale),
                         halfToFloat(b.minimum), out);
    }
};

struct Q8_0 {
    static constexpr std::size_t kWeights = 32;
    struct Block {
        std::uint16_t scale;
        std::array<std::int8_t, 32> codes;
    };
    [[gnu::always_inline]] static void expand(const Block& b, float* __restrict out) {
        scaleCodes(b.codes, halfToFloat(b.scale), out);
    }
};

}  // namespace driftlens::blocks
