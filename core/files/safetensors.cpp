#include "core/files/safetensors.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <set>
#include <utility>

namespace driftlens {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLargestHeader = 100'000'000;  // the format's own limit
constexpr std::size_t kLargestRank = 8;
constexpr std::size_t kLongestName = 512;
constexpr std::size_t kLongestMetadata = 1U << 20U;

struct TypeRow {
    ElementType type;
    std::string_view name;
    std::size_t bytes;
};

constexpr std::array<TypeRow, 15> kTypes = {{
    {ElementType::Bool, "BOOL", 1},
    {ElementType::U8, "U8", 1},
    {ElementType::I8, "I8", 1},
    {ElementType::F8E5M2, "F8_E5M2", 1},
    {ElementType::F8E4M3, "F8_E4M3", 1},
    {ElementType::I16, "I16", 2},
    {ElementType::U16, "U16", 2},
    {ElementType::F16, "F16", 2},
    {ElementType::BF16, "BF16", 2},
    {ElementType::I32, "I32", 4},
    {ElementType::U32, "U32", 4},
    {ElementType::F32, "F32", 4},
    {ElementType::I64, "I64", 8},
    {ElementType::U64, "U64", 8},
    {ElementType::F64, "F64", 8},
}};

// Legal in the format, not built here: refused by name, not as garbage.
constexpr std::array<std::string_view, 7> kOtherTypes = {
    "F4", "F6_E2M3", "F6_E3M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64"};

const TypeRow& rowOf(ElementType type) {
    return *std::find_if(kTypes.begin(), kTypes.end(),
                         [&](const TypeRow& r) { return r.type == type; });
}

// Parses one file; every message starts with its path.
class HeaderReader {
public:
    explicit HeaderReader(const std::shared_ptr<const MappedFile>& file)
        : m_file(file), m_what(file->path().string()) {}

    SafetensorsFile read() {
        const std::span<const std::byte> bytes = m_file->bytes();
        if (bytes.size() < kLengthBytes) {
            fail("has " + std::to_string(bytes.size()) + " bytes, too few for a header");
        }
        std::uint64_t length = 0;
        std::memcpy(&length, bytes.data(), kLengthBytes);
        if (length > kLargestHeader)
            fail("header of " + std::to_string(length) + " bytes is too large");
        if (length > bytes.size() - kLengthBytes) {
            fail("header ends at " + std::to_string(kLengthBytes + length) + ", file has " +
                 std::to_string(bytes.size()) + " bytes");
        }
        m_data = bytes.subspan(kLengthBytes + static_cast<std::size_t>(length));
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes,
                                    static_cast<std::size_t>(length));
        readHeader(parseJson(text, m_what + ": header", {kLargestHeader, 8}));
        checkLayout();
        return std::move(m_out);
    }

private:
    [[noreturn]] void fail(const std::string& message) const {
        throw Error(ErrorKind::InputFile, m_what + ": " + message);
    }

    void readHeader(const Json& header) {
        if (!header.is_object()) fail("header is no JSON object");
        for (const auto& [name, entry] : header.items()) {
            if (name == "__metadata__") {
                readMetadata(entry);
            } else {
                m_out.tensors.push_back(readEntry(name, entry));
            }
        }
    }

    void readMetadata(const Json& entry) {
        if (!entry.is_object()) fail("__metadata__ is no object");
        for (const auto& [key, value] : entry.items()) {
            if (!value.is_string()) fail("__metadata__ " + inQuotes(key) + " is no string");
            const auto& text = value.get_ref<const std::string&>();
            if (text.size() > kLongestMetadata)
                fail("__metadata__ " + inQuotes(key) + " is too long");
            m_out.metadata[key] = text;
        }
    }

    StoredTensor readEntry(const std::string& name, const Json& entry) const {
        const std::string tensor = "tensor " + inQuotes(name);
        if (name.empty() || name.size() > kLongestName || name.find('\0') != std::string::npos) {
            fail(tensor + ": the name is empty, longer than " + std::to_string(kLongestName) +
                 " bytes or contains NUL");
        }
        if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") ||
            !entry.contains("shape") || !entry.contains("data_offsets")) {
            fail(tensor + ": must have exactly dtype, shape and data_offsets");
        }
        StoredTensor out;
        out.name = name;
        out.file = m_file;
        out.type = readType(tensor, entry["dtype"]);
        const std::uint64_t count = readShape(tensor, entry["shape"], out.shape);
        const auto [begin, end] = readOffsets(tensor, entry["data_offsets"]);
        std::uint64_t size = 0;
        if (__builtin_mul_overflow(count, elementBytes(out.type), &size)) {
            fail(tensor + ": its size overflows");
        }
        if (end - begin != size) {
            fail(tensor + ": shape and type need " + std::to_string(size) +
                 " bytes, data_offsets give " + std::to_string(end - begin));
        }
        out.bytes = m_data.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(size));
        return out;
    }

    ElementType readType(const std::string& tensor, const Json& value) const {
        if (!value.is_string()) fail(tensor + ": dtype is no string");
        const auto& name = value.get_ref<const std::string&>();
        for (const TypeRow& row : kTypes) {
            if (row.name == name) return row.type;
        }
        if (std::find(kOtherTypes.begin(), kOtherTypes.end(), name) != kOtherTypes.end()) {
            throw Error(ErrorKind::Unsupported,
                        m_what + ": " + tensor + ": element type " + name + " is not supported");
        }
        fail(tensor + ": unknown dtype " + inQuotes(name));
    }

    std::uint64_t readShape(const std::string& tensor, const Json& value,
                            std::vector<std::int64_t>& shape) const {
        if (!value.is_array() || value.size() > kLargestRank) {
            fail(tensor + ": shape is no list of at most " + std::to_string(kLargestRank) +
                 " sizes");
        }
        std::uint64_t count = 1;
        bool overflows = false;
        for (const Json& size : value) {
            if (!size.is_number_unsigned() || size.get<std::uint64_t>() > INT64_MAX) {
                fail(tensor + ": shape has an entry that is no size: " + inQuotes(size.dump()));
            }
            shape.push_back(size.get<std::int64_t>());
            overflows =
                overflows || __builtin_mul_overflow(count, size.get<std::uint64_t>(), &count);
        }
        if (overflows || count > INT64_MAX) fail(tensor + ": its number of elements overflows");
        return count;
    }

    std::pair<std::uint64_t, std::uint64_t> readOffsets(const std::string& tensor,
                                                        const Json& value) const {
        if (!value.is_array() || value.size() != 2 || !value[0].is_number_unsigned() ||
            !value[1].is_number_unsigned()) {
            fail(tensor + ": data_offsets is no pair of positions");
        }
        const auto begin = value[0].get<std::uint64_t>();
        const auto end = value[1].get<std::uint64_t>();
        if (begin > end) fail(tensor + ": starts at " + std::to_string(begin) + " after its end");
        if (end > m_data.size()) {
            fail(tensor + ": ends at " + std::to_string(end) + ", the data has " +
                 std::to_string(m_data.size()) + " bytes");
        }
        return {begin, end};
    }

    // Tensors tile the data: no overlap, no hole, nothing after the last.
    void checkLayout() {
        const auto begin = [&](const StoredTensor& t) { return t.bytes.data() - m_data.data(); };
        std::sort(m_out.tensors.begin(), m_out.tensors.end(),
                  [&](const StoredTensor& a, const StoredTensor& b) {
                      return std::pair(begin(a), a.bytes.size()) <
                             std::pair(begin(b), b.bytes.size());
                  });
        std::ptrdiff_t expected = 0;
        for (const StoredTensor& tensor : m_out.tensors) {
            if (begin(tensor) != expected) {
                fail("tensor " + inQuotes(tensor.name) + " starts at " +
                     std::to_string(begin(tensor)) + ", expected " + std::to_string(expected) +
                     (begin(tensor) < expected ? " (overlap)" : " (hole)"));
            }
            expected += static_cast<std::ptrdiff_t>(tensor.bytes.size());
        }
        if (expected != static_cast<std::ptrdiff_t>(m_data.size())) {
            fail("data has " + std::to_string(m_data.size()) + " bytes, the tensors end at " +
                 std::to_string(expected));
        }
    }

    std::shared_ptr<const MappedFile> m_file;
    std::string m_what;
    std::span<const std::byte> m_data;
    SafetensorsFile m_out;
};

}  // namespace

std::size_t elementBytes(ElementType type) noexcept {
    return rowOf(type).bytes;
}
std::string_view elementTypeName(ElementType type) noexcept {
    return rowOf(type).name;
}

std::int64_t StoredTensor::elementCount() const {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    return count;
}

SafetensorsFile readSafetensors(const std::shared_ptr<const MappedFile>& file) {
    return HeaderReader(file).read();
}

void writeSafetensors(const std::filesystem::path& file, std::vector<TensorToWrite> tensors,
                      const std::map<std::string, std::string>& metadata) {
    std::sort(tensors.begin(), tensors.end(), [](const TensorToWrite& a, const TensorToWrite& b) {
        return std::pair(-static_cast<long>(elementBytes(a.type)), a.name) <
               std::pair(-static_cast<long>(elementBytes(b.type)), b.name);
    });
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::uint64_t offset = 0;
    for (const TensorToWrite& tensor : tensors) {
        std::uint64_t size = elementBytes(tensor.type);
        for (const std::int64_t n : tensor.shape) size *= static_cast<std::uint64_t>(n);
        if (size != tensor.bytes.size() || header.contains(tensor.name)) {
            throw Error(ErrorKind::Internal, "safetensors: tensor " + inQuotes(tensor.name) +
                                                 " does not fit its bytes or appears twice");
        }
        header[tensor.name] = {{"dtype", elementTypeName(tensor.type)},
                               {"shape", tensor.shape},
                               {"data_offsets", {offset, offset + size}}};
        offset += size;
    }
    std::string text = header.dump();
    text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
    const std::uint64_t length = text.size();
    std::string content(reinterpret_cast<const char*>(&length), kLengthBytes);
    content += text;
    content.reserve(content.size() + offset);
    for (const TensorToWrite& tensor : tensors) {
        content.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
    }
    writeFileAtomically(file, content);
}

}  // namespace driftlens
