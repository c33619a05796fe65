#include "core/quantized/bit_packing.h"

#include <algorithm>
#include <cstring>

namespace driftlens {
namespace {

// The eight nibbles of a word as eight bytes, lowest first.
std::uint64_t spreadNibbles(std::uint32_t word) {
    std::uint64_t x = word;
    x = (x | (x << 16U)) & 0x0000FFFF0000FFFFULL;
    x = (x | (x << 8U)) & 0x00FF00FF00FF00FFULL;
    return (x | (x << 4U)) & 0x0F0F0F0F0F0F0F0FULL;
}

void unpackNibbles(const std::byte* packed, std::span<std::uint8_t> out) {
    std::size_t i = 0;
    for (; i + 8 <= out.size(); i += 8) {
        std::uint32_t word = 0;
        std::memcpy(&word, packed + i / 2, sizeof(word));
        const std::uint64_t bytes = spreadNibbles(word);
        std::memcpy(out.data() + i, &bytes, sizeof(bytes));
    }
    for (; i < out.size(); ++i) {
        const auto byte = std::to_integer<unsigned>(packed[i / 2]);
        out[i] = static_cast<std::uint8_t>((byte >> (i % 2 * 4)) & 15U);
    }
}

}  // namespace

void unpackDense(std::span<const std::byte> packed, int bits, std::span<std::uint8_t> out) {
    if (bits == 8) {
        std::memcpy(out.data(), packed.data(), out.size());
        return;
    }
    if (bits == 4) return unpackNibbles(packed.data(), out);
    const auto width = static_cast<std::size_t>(bits);
    const unsigned mask = (1U << width) - 1U;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t bit = i * width;
        unsigned window = std::to_integer<unsigned>(packed[bit / 8]);
        const bool spans = bit % 8 + width > 8;
        if (spans) window |= std::to_integer<unsigned>(packed[bit / 8 + 1]) << 8U;
        out[i] = static_cast<std::uint8_t>((window >> (bit % 8)) & mask);
    }
}

void unpackWords(std::span<const std::byte> packed, int bits, std::span<std::uint8_t> out) {
    const auto perWord = static_cast<std::size_t>(32 / bits);
    for (std::size_t i = 0; i < out.size(); i += perWord) {
        const std::size_t count = std::min(perWord, out.size() - i);
        unpackDense(packed.subspan(i / perWord * 4, 4), bits, out.subspan(i, count));
    }
}

}  // namespace driftlens
