// Integers of two to eight bits packed into bytes or 32-bit words, lowest bits first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace driftlens {

// Codes of a dense little-endian bit stream, one byte each into out: code i has the bits from
// i × bits on. packed must hold out.size() × bits bits, rounded up to bytes; bits in [1, 8].
void unpackDense(std::span<const std::byte> packed, int bits, std::span<std::uint8_t> out);

// The same for words of 32 bits that hold floor(32 / bits) codes each and leave the rest empty.
void unpackWords(std::span<const std::byte> packed, int bits, std::span<std::uint8_t> out);

}  // namespace driftlens
