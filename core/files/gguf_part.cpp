// The parser of one GGUF file: header, metadata, tensor descriptions, layout of the data.
#include "core/base/checked_math.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/files/gguf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <set>
#include <utility>

namespace driftlens {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF is read as little-endian");

constexpr std::array<char, 4> kMagic = {'G', 'G', 'U', 'F'};
constexpr std::uint32_t kOldestVersion = 2;  // version 1 had 32-bit counts
constexpr std::uint32_t kNewestVersion = 3;
constexpr std::uint64_t kMostKeys = 1U << 16U;     // models have about fifty
constexpr std::uint64_t kMostTensors = 1U << 20U;  // the largest have some thousands
constexpr std::uint64_t kLongestKey = 65535;       // docs/gguf.md
constexpr std::uint64_t kLongestName = 63;         // GGML_MAX_NAME with its NUL
constexpr std::uint64_t kLongestString = 1U << 30U;
constexpr std::uint64_t kMostElements = 1U << 30U;
constexpr std::uint32_t kMostDimensions = 4;
constexpr std::uint64_t kDefaultAlignment = 32;
constexpr std::uint64_t kLargestAlignment = 1U << 20U;
constexpr std::uint64_t kSmallestPair = 8 + 1 + 4 + 1;        // key, type, value
constexpr std::uint64_t kSmallestTensor = 8 + 1 + 4 + 4 + 8;  // name, rank, type, offset
constexpr std::string_view kAlignmentKey = "general.alignment";

struct TypeRow {
    GgufType type;
    std::string_view name;
    std::uint64_t bytes;  // of one element; 0 where it varies
};

constexpr std::array<TypeRow, 13> kTypes = {{
    {GgufType::U8, "u8", 1},
    {GgufType::I8, "i8", 1},
    {GgufType::U16, "u16", 2},
    {GgufType::I16, "i16", 2},
    {GgufType::U32, "u32", 4},
    {GgufType::I32, "i32", 4},
    {GgufType::F32, "f32", 4},
    {GgufType::Bool, "bool", 1},
    {GgufType::String, "string", 0},
    {GgufType::Array, "array", 0},
    {GgufType::U64, "u64", 8},
    {GgufType::I64, "i64", 8},
    {GgufType::F64, "f64", 8},
}};  // row i has number i

const TypeRow& rowOf(GgufType type) {
    return kTypes[static_cast<std::size_t>(type)];
}

// Parses one file from front to back; every message starts with its path.
class PartReader {
public:
    explicit PartReader(const std::shared_ptr<const MappedFile>& file)
        : m_file(file), m_bytes(file->bytes()) {}

    GgufPart read() {
        readMagic();
        const std::uint32_t version = readVersion();
        const std::uint64_t tensors = readCount("number of tensors", kMostTensors, kSmallestTensor);
        const std::uint64_t keys = readCount("number of metadata keys", kMostKeys, kSmallestPair);
        for (std::uint64_t i = 0; i < keys; ++i) readPair();
        const std::uint64_t alignment = checkedAlignment();
        std::vector<GgufTensor> described = readTensors(tensors);
        placeTensors(described, alignment);
        return {version, alignment, GgufMetadata(m_file, std::move(m_values)),
                std::move(described)};
    }

private:
    [[noreturn]] void failAt(std::uint64_t offset, const std::string& message) const {
        throw Error(ErrorKind::InputFile, m_file->path().string() + ": " + message + " (at byte " +
                                              std::to_string(offset) + ")");
    }

    std::uint64_t remaining() const { return m_bytes.size() - m_position; }

    std::span<const std::byte> take(std::uint64_t count, const std::string& what) {
        if (count > remaining()) {
            failAt(m_position, what + " needs " + std::to_string(count) + " bytes, the file has " +
                                   std::to_string(remaining()) + " more");
        }
        const auto taken = m_bytes.subspan(m_position, static_cast<std::size_t>(count));
        m_position += taken.size();
        return taken;
    }

    template <typename T>
    T takeNumber(const std::string& what) {
        T value{};
        std::memcpy(&value, take(sizeof(T), what).data(), sizeof(T));
        return value;
    }

    std::string_view takeString(const std::string& what, std::uint64_t longest) {
        const std::uint64_t at = m_position;
        const auto length = takeNumber<std::uint64_t>(what);
        if (length > longest) {
            failAt(at, what + " has a length of " + std::to_string(length) + ", the most is " +
                           std::to_string(longest));
        }
        const auto text = take(length, what);
        return {reinterpret_cast<const char*>(text.data()), text.size()};
    }

    // A key or a tensor's name.
    std::string_view takeName(const std::string& what, std::uint64_t longest) {
        const std::uint64_t at = m_position;
        const std::string_view name = takeString(what, longest);
        if (name.empty()) failAt(at, what + " is empty");
        if (name.find('\0') != std::string_view::npos || !isValidUtf8(name)) {
            failAt(at, what + " " + inQuotes(name) + " is no plain UTF-8 text");
        }
        return name;
    }

    void readMagic() {
        const auto magic = take(kMagic.size(), "the magic number");
        if (std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0) {
            failAt(0, "is no GGUF file: it starts with " +
                          inQuotes({reinterpret_cast<const char*>(magic.data()), magic.size()}));
        }
    }

    std::uint32_t readVersion() {
        const std::uint64_t at = m_position;
        const auto version = takeNumber<std::uint32_t>("the version");
        if (version != 0 && (version & 0xFFFFU) == 0) {
            failAt(at, "the file is in big-endian byte order (version " + std::to_string(version) +
                           "); convert it to little-endian");
        }
        if (version < kOldestVersion || version > kNewestVersion) {
            failAt(at, "GGUF version " + std::to_string(version) + " is not 2 or 3");
        }
        return version;
    }

    // A count of entries that follow; each takes at least smallest bytes.
    std::uint64_t readCount(const std::string& what, std::uint64_t most, std::uint64_t smallest) {
        const std::uint64_t at = m_position;
        const auto count = takeNumber<std::uint64_t>("the " + what);
        if (count > most || count > remaining() / smallest) {
            failAt(at, "the " + what + ", " + std::to_string(count) +
                           ", is more than the file can hold or than " + std::to_string(most));
        }
        return count;
    }

    void readPair() {
        const std::uint64_t at = m_position;
        const std::string_view key = takeName("a metadata key", kLongestKey);
        const std::string what = "key " + inQuotes(key);
        const GgufValue value = readValue(what);
        if (!m_values.emplace(key, value).second) failAt(at, what + " appears twice");
    }

    GgufType takeType(const std::string& what) {
        const std::uint64_t at = m_position;
        const auto number = takeNumber<std::uint32_t>(what);
        if (number >= kTypes.size()) {
            failAt(at, what + " has the unknown type " + std::to_string(number));
        }
        return static_cast<GgufType>(number);
    }

    GgufValue readValue(const std::string& what) {
        GgufValue value;
        value.type = takeType(what);
        value.elementType = value.type;
        if (value.type == GgufType::Array) readArrayHeader(what, value);
        value.offset = m_position;
        if (value.elementType == GgufType::String) {
            value.bytes = takeStrings(what, value);
            return value;
        }
        const auto size = checkedProduct(value.count, rowOf(value.elementType).bytes);
        if (!size) failAt(value.offset, what + ": its size overflows");
        value.bytes = take(*size, what);
        if (value.elementType == GgufType::Bool) checkBooleans(what, value);
        return value;
    }

    void readArrayHeader(const std::string& what, GgufValue& value) {
        const std::uint64_t typeAt = m_position;
        value.elementType = takeType(what);
        if (value.elementType == GgufType::Array) {
            failAt(typeAt, what + " is an array of arrays, which ggml does not read either");
        }
        const std::uint64_t countAt = m_position;
        value.count = takeNumber<std::uint64_t>(what);
        if (value.count > kMostElements) {
            failAt(countAt, what + " has " + std::to_string(value.count) +
                                " elements, the most is " + std::to_string(kMostElements));
        }
    }

    std::span<const std::byte> takeStrings(const std::string& what, const GgufValue& value) {
        if (value.type != GgufType::Array) {
            return std::as_bytes(std::span(takeString(what, kLongestString)));
        }
        for (std::uint64_t i = 0; i < value.count; ++i) takeString(what, kLongestString);
        return m_bytes.subspan(static_cast<std::size_t>(value.offset), m_position - value.offset);
    }

    void checkBooleans(const std::string& what, const GgufValue& value) const {
        const auto wrong = std::find_if(value.bytes.begin(), value.bytes.end(),
                                        [](std::byte b) { return b > std::byte{1}; });
        if (wrong == value.bytes.end()) return;
        failAt(value.offset + static_cast<std::uint64_t>(wrong - value.bytes.begin()),
               what + " has the boolean " + std::to_string(std::to_integer<int>(*wrong)) +
                   ", which is neither 0 nor 1");
    }

    std::uint64_t checkedAlignment() const {
        const auto found = m_values.find(kAlignmentKey);
        if (found == m_values.end()) return kDefaultAlignment;
        const GgufValue& value = found->second;
        if (value.type != GgufType::U32) {
            failAt(value.offset, "key " + inQuotes(kAlignmentKey) + " has the type " +
                                     std::string(ggufTypeName(value.type)) + ", not u32");
        }
        std::uint32_t alignment = 0;
        std::memcpy(&alignment, value.bytes.data(), sizeof(alignment));
        if (!std::has_single_bit(alignment) || alignment > kLargestAlignment) {
            failAt(value.offset, "key " + inQuotes(kAlignmentKey) + ": " +
                                     std::to_string(alignment) + " is no power of two of at most " +
                                     std::to_string(kLargestAlignment));
        }
        return alignment;
    }

    // Where a tensor's bytes are said to be, relative to the data, until they are placed.
    struct Claim {
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
        std::uint64_t statedAt = 0;  // the byte of the offset field
    };

    std::vector<GgufTensor> readTensors(std::uint64_t count) {
        std::vector<GgufTensor> tensors;
        std::set<std::string_view> names;
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t at = m_position;
            const std::string_view name = takeName("a tensor's name", kLongestName);
            const std::string what = "tensor " + inQuotes(name);
            if (!names.insert(name).second) failAt(at, what + " appears twice");
            tensors.push_back(readTensor(name, what));
        }
        return tensors;
    }

    GgufTensor readTensor(std::string_view name, const std::string& what) {
        GgufTensor tensor;
        tensor.name = name;
        tensor.file = m_file;
        const std::uint64_t shapeAt = m_position;
        const std::uint64_t elements = readShape(what, tensor.shape);
        tensor.format = takeFormat(what);
        const auto weights = static_cast<std::uint64_t>(tensor.format->weights);
        if (static_cast<std::uint64_t>(tensor.rowLength()) % weights != 0) {
            failAt(shapeAt, what + ": its rows of " + std::to_string(tensor.rowLength()) +
                                " are no multiple of the " + std::to_string(weights) +
                                " weights in a block of " + std::string(tensor.format->name));
        }
        const auto size = checkedProduct(elements / weights, tensor.format->bytes);
        if (!size || *size > INT64_MAX) failAt(shapeAt, what + ": its size overflows");
        const std::uint64_t offsetAt = m_position;
        m_claims.push_back({takeNumber<std::uint64_t>(what), *size, offsetAt});
        return tensor;
    }

    // Fills the shape, reversed, and returns the number of elements.
    std::uint64_t readShape(const std::string& what, std::vector<std::int64_t>& shape) {
        const std::uint64_t at = m_position;
        const auto rank = takeNumber<std::uint32_t>(what);
        if (rank > kMostDimensions) {
            failAt(at, what + " has " + std::to_string(rank) + " dimensions, the most is " +
                           std::to_string(kMostDimensions));
        }
        std::uint64_t elements = 1;
        for (std::uint32_t i = 0; i < rank; ++i) {
            const std::uint64_t sizeAt = m_position;
            const auto size = takeNumber<std::int64_t>(what);
            if (size <= 0) {
                failAt(sizeAt,
                       what + ": dimension " + std::to_string(i) + " is " + std::to_string(size));
            }
            const auto product = checkedProduct(elements, static_cast<std::uint64_t>(size));
            if (!product || *product > INT64_MAX) {
                failAt(sizeAt, what + ": its number of elements overflows with dimension " +
                                   std::to_string(size));
            }
            elements = *product;
            shape.insert(shape.begin(), size);
        }
        return elements;
    }

    const BlockFormat* takeFormat(const std::string& what) {
        const std::uint64_t at = m_position;
        const auto id = takeNumber<std::uint32_t>(what);
        const BlockFormat* format = findBlockFormat(id);
        if (format == nullptr) {
            failAt(at, what + " has the tensor type " + std::to_string(id) +
                           ", which is unknown or was removed from ggml");
        }
        return format;
    }

    // Gives every tensor its bytes. Tensors follow each other, each padded to the alignment: no
    // overlap, no hole.
    void placeTensors(std::vector<GgufTensor>& tensors, std::uint64_t alignment) const {
        if (tensors.empty()) return;  // then the padding may be absent, and "data" with it
        const auto start = checkedPadding(m_position, alignment);
        std::uint64_t expected = 0;
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            const Claim& claim = m_claims[i];
            const std::string what = "tensor " + inQuotes(tensors[i].name);
            if (claim.offset != expected) {
                failAt(claim.statedAt, what + " starts at " + std::to_string(claim.offset) +
                                           " of the data, expected " + std::to_string(expected));
            }
            const auto begin = start ? checkedSum(*start, claim.offset) : std::nullopt;
            const auto end = begin ? checkedSum(*begin, claim.size) : std::nullopt;
            if (!end || *end > m_bytes.size()) {
                failAt(claim.statedAt, what + " needs " + std::to_string(claim.size) +
                                           " bytes from " + std::to_string(claim.offset) +
                                           " of the data; the file has " +
                                           std::to_string(m_bytes.size()) + " bytes");
            }
            tensors[i].bytes = m_bytes.subspan(static_cast<std::size_t>(*begin),
                                               static_cast<std::size_t>(claim.size));
            // Cannot overflow: the end lies in the file.
            expected = *checkedPadding(claim.offset + claim.size, alignment);
        }
    }

    std::shared_ptr<const MappedFile> m_file;
    std::span<const std::byte> m_bytes;
    std::size_t m_position = 0;
    std::map<std::string_view, GgufValue, std::less<>> m_values;
    std::vector<Claim> m_claims;  // one per tensor, in their order
};

}  // namespace

std::string_view ggufTypeName(GgufType type) noexcept {
    return rowOf(type).name;
}

GgufPart readGgufPart(const std::shared_ptr<const MappedFile>& file) {
    return PartReader(file).read();
}

}  // namespace driftlens
