// The safetensors format (huggingface/safetensors, format of 2023): strict reader, writer.
#pragma once

#include "core/files/mapped_file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Element types of stored tensors. Stored by name; append only.
enum class ElementType {
    Bool,
    U8,
    I8,
    F8E5M2,
    F8E4M3,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    I64,
    U64,
    F64
};

std::size_t elementBytes(ElementType type) noexcept;
std::string_view elementTypeName(ElementType type) noexcept;  // as safetensors spells it: "BF16"

// One tensor inside a mapped file: row-major, little-endian, possibly unaligned. Keeps the map
// alive.
struct StoredTensor {
    std::string name;
    ElementType type = ElementType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
    std::shared_ptr<const MappedFile> file;

    std::int64_t elementCount() const;
};

// The parsed header of one file.
struct SafetensorsFile {
    std::vector<StoredTensor> tensors;            // in the order of their bytes
    std::map<std::string, std::string> metadata;  // "__metadata__"
};

// Parses a whole mapped file. Throws Error(InputFile) with tensor name, offsets and sizes on every
// case of reference/hostile-files.md 5.1 (overlap, hole, trailing bytes, duplicate names, overflow,
// size mismatch, …), Error(Unsupported) for a well-formed but unknown element type.
SafetensorsFile readSafetensors(const std::shared_ptr<const MappedFile>& file);

// A tensor to be written; bytes are borrowed until writeSafetensors returns.
struct TensorToWrite {
    std::string name;
    ElementType type = ElementType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
};

// Writes tensors (sorted by element size, descending, then by name; header padded to 8 bytes) and
// metadata, atomically. Throws Error(Io); Error(Internal) if bytes do not fit shape and type.
void writeSafetensors(const std::filesystem::path& file, std::vector<TensorToWrite> tensors,
                      const std::map<std::string, std::string>& metadata = {});

}  // namespace driftlens
