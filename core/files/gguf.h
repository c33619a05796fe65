// The GGUF format, versions 2 and 3 (ggml-org/ggml, docs/gguf.md): strict reader of single files
// and of models split over several.
#pragma once

#include "core/files/mapped_file.h"
#include "core/quantized/block_format.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Types of metadata values, with the numbers GGUF gives them.
enum class GgufType : std::uint32_t {
    U8 = 0,
    I8 = 1,
    U16 = 2,
    I16 = 3,
    U32 = 4,
    I32 = 5,
    F32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    U64 = 10,
    I64 = 11,
    F64 = 12
};

std::string_view ggufTypeName(GgufType type) noexcept;  // "u32", "string", …

// One metadata value: a checked view into the mapping.
struct GgufValue {
    GgufType type = GgufType::U8;         // Array for arrays
    GgufType elementType = GgufType::U8;  // of arrays; else equal to type
    std::uint64_t count = 1;              // of elements
    std::span<const std::byte>
        bytes;                 // numbers: packed; one string: its text; strings: length, text
    std::uint64_t offset = 0;  // of the value in its file
};

// The metadata of one file. Immutable, thread-safe; keeps the map alive.
//
// Getters throw Error(InputFile) with file, key, type and byte offset if the key is absent, has
// another type, or its value is out of range; the …Or getters give the fallback for absent keys.
class GgufMetadata {
public:
    GgufMetadata(std::shared_ptr<const MappedFile> file,
                 std::map<std::string_view, GgufValue, std::less<>> values);

    const std::map<std::string_view, GgufValue, std::less<>>& values() const { return m_values; }
    const GgufValue* find(std::string_view key) const;  // nullptr if absent
    bool contains(std::string_view key) const { return find(key) != nullptr; }

    // Any integer type, if the value lies in [least, most].
    std::int64_t integer(std::string_view key, std::int64_t least = 0,
                         std::int64_t most = std::numeric_limits<std::int64_t>::max()) const;
    std::int64_t integerOr(std::string_view key, std::int64_t fallback, std::int64_t least = 0,
                           std::int64_t most = std::numeric_limits<std::int64_t>::max()) const;
    double number(std::string_view key) const;  // F32 or F64; finite
    double numberOr(std::string_view key, double fallback) const;
    bool boolean(std::string_view key) const;
    bool booleanOr(std::string_view key, bool fallback) const;
    std::string_view text(std::string_view key) const;  // any bytes: not checked to be UTF-8
    std::string_view textOr(std::string_view key, std::string_view fallback) const;

    // Arrays; with count, exactly that many elements. Views live as long as the mapping.
    std::vector<std::int64_t> integers(std::string_view key,
                                       std::optional<std::size_t> count = std::nullopt) const;
    std::vector<float> floats(std::string_view key,  // F32; may be non-finite
                              std::optional<std::size_t> count = std::nullopt) const;
    std::vector<bool> booleans(std::string_view key,
                               std::optional<std::size_t> count = std::nullopt) const;
    std::vector<std::string_view> texts(std::string_view key,
                                        std::optional<std::size_t> count = std::nullopt) const;

private:
    [[noreturn]] void fail(std::string_view key, const std::string& message) const;
    const GgufValue& scalar(std::string_view key) const;
    const GgufValue& array(std::string_view key, std::optional<std::size_t> count) const;

    std::shared_ptr<const MappedFile> m_file;
    std::map<std::string_view, GgufValue, std::less<>> m_values;
};

// One tensor inside a mapped file. Its rows (runs along the last dimension) are whole numbers of
// blocks, one after the other; not aligned. Keeps the map alive.
struct GgufTensor {
    std::string name;
    const BlockFormat* format = nullptr;  // never nullptr in a parsed file
    std::vector<std::int64_t> shape;      // as LibTorch orders it: ggml's sizes reversed
    std::span<const std::byte> bytes;
    std::shared_ptr<const MappedFile> file;

    std::int64_t elementCount() const;
    std::int64_t rowLength() const;  // elements of the last dimension; 1 for a scalar
    std::int64_t rowCount() const;   // of all other dimensions together
    std::size_t bytesPerRow() const;
    std::uint64_t fileOffset() const;  // of its first byte

    // Rows [firstRow, firstRow + rows) as floats into out (rows × rowLength). Throws
    // Error(Unsupported) naming file, tensor and format if the format is not supported,
    // Error(Internal) for rows outside the tensor or an out of another size.
    void dequantize(std::int64_t firstRow, std::int64_t rows, std::span<float> out) const;

    // Reads the whole tensor once. Throws Error(InputFile) naming file, tensor, element and byte
    // offset of the first block with a NaN or infinite weight; Error(Unsupported) as dequantize.
    void checkIsFinite() const;
};

// One file, as it is: a part of a split model gives only its own tensors.
struct GgufPart {
    std::uint32_t version = 0;
    std::uint64_t alignment = 0;
    GgufMetadata metadata;
    std::vector<GgufTensor> tensors;  // in the order of their bytes
};

// Parses a whole mapped file. Throws Error(InputFile) with field or tensor, value and byte offset
// on every case of reference/hostile-files.md 5.2. Formats that are known but cannot be
// dequantised are accepted here: inspecting a file needs none of its weights. Bytes after the last
// tensor are ignored, as ggml does. Allocates no more than the order of the file's own size.
GgufPart readGgufPart(const std::shared_ptr<const MappedFile>& file);

// An opened model: the metadata of the first part and the tensors of all. Immutable; thread-safe.
class GgufFile {
public:
    // Opens one file, or part one of a split model ("m-00001-of-00003.gguf") with its siblings in
    // the same folder. Throws Error(InputFile) as readGgufPart does, and if a part is missing, says
    // it belongs elsewhere, repeats a tensor, or the number of tensors is not as announced.
    static GgufFile open(const std::filesystem::path& file);

    const GgufMetadata& metadata() const { return m_first.metadata; }
    std::uint32_t version() const { return m_first.version; }
    const std::vector<GgufTensor>& tensors() const { return m_first.tensors; }
    const GgufTensor* find(std::string_view name) const;  // nullptr if absent
    const std::vector<std::shared_ptr<const MappedFile>>& files() const { return m_files; }

private:
    GgufFile(std::shared_ptr<const MappedFile> file, GgufPart first);
    void addPart(const std::shared_ptr<const MappedFile>& file, GgufPart part);
    void indexTensors(std::size_t from);

    GgufPart m_first;  // its tensors are those of all parts
    std::vector<std::shared_ptr<const MappedFile>> m_files;
    std::map<std::string, std::size_t, std::less<>> m_byName;
};

}  // namespace driftlens
