// The block formats of ggml: how many weights share how many bytes, and what the bytes mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace driftlens {

// One row of the registry. A tensor in such a format is a sequence of blocks along its last
// dimension; every row has a whole number of them. Names and sizes as in ggml (ggml.c,
// type_traits).
struct BlockFormat {
    // Writes count × weights floats from count × bytes bytes; neither has to be aligned.
    using Dequantize = void (*)(const std::byte* blocks, std::size_t count, float* out);

    std::uint32_t id;       // ggml type id, as GGUF stores it
    std::string_view name;  // as ggml spells it: "Q4_K"
    std::size_t weights;    // per block
    std::size_t bytes;      // per block
    Dequantize dequantize;  // nullptr: known, but refused by name

    bool isSupported() const noexcept { return dequantize != nullptr; }
    double bitsPerWeight() const noexcept {
        return 8.0 * static_cast<double>(bytes) / static_cast<double>(weights);
    }
};

// Every format ggml has an id for, in the order of ids; removed ids are absent.
std::span<const BlockFormat> blockFormats() noexcept;

// nullptr if the id is unknown or was removed.
const BlockFormat* findBlockFormat(std::uint32_t id) noexcept;

// Dequantises whole blocks, bit for bit as ggml's C code does: float32, one rounding per operation.
// Any run of whole rows of a tensor is a valid input. Writes every element of out. Throws
// Error(Unsupported) naming the format if it is not supported, Error(Internal) if packed is no
// whole number of blocks or out has another size than they need. Thread-safe.
void dequantizeRows(const BlockFormat& format, std::span<const std::byte> packed,
                    std::span<float> out);

}  // namespace driftlens
