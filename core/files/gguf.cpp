// Metadata getters, tensors, and models split over several GGUF files.
#include "core/files/gguf.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSplitNumber = "split.no";
constexpr std::string_view kSplitCount = "split.count";
constexpr std::string_view kSplitTensors = "split.tensors.count";
constexpr std::int64_t kMostParts = 65535;  // split.count is a u16

[[noreturn]] void failFile(const fs::path& file, const std::string& message) {
    throw Error(ErrorKind::InputFile, file.string() + ": " + message);
}

template <typename T>
T elementAt(std::span<const std::byte> bytes, std::size_t index) {
    T value{};
    std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
    return value;
}

// The integer at an index of a value of any integer type; nullopt for other types and for u64
// above the largest i64.
std::optional<std::int64_t> integerAt(const GgufValue& value, std::size_t index) {
    switch (value.elementType) {
        case GgufType::U8:
            return elementAt<std::uint8_t>(value.bytes, index);
        case GgufType::I8:
            return elementAt<std::int8_t>(value.bytes, index);
        case GgufType::U16:
            return elementAt<std::uint16_t>(value.bytes, index);
        case GgufType::I16:
            return elementAt<std::int16_t>(value.bytes, index);
        case GgufType::U32:
            return elementAt<std::uint32_t>(value.bytes, index);
        case GgufType::I32:
            return elementAt<std::int32_t>(value.bytes, index);
        case GgufType::I64:
            return elementAt<std::int64_t>(value.bytes, index);
        case GgufType::U64: {
            const auto number = elementAt<std::uint64_t>(value.bytes, index);
            if (number > INT64_MAX) return std::nullopt;
            return static_cast<std::int64_t>(number);
        }
        default:
            return std::nullopt;
    }
}

std::string typeText(const GgufValue& value) {
    const std::string element(ggufTypeName(value.elementType));
    return value.type == GgufType::Array ? "array of " + element : element;
}

// "m-00001-of-00003.gguf" → "m" for part 1 of 3; nullopt if the name is another.
std::optional<std::string> splitStem(const std::string& name, std::int64_t part,
                                     std::int64_t count) {
    char ending[64];
    std::snprintf(ending, sizeof(ending), "-%05lld-of-%05lld.gguf", static_cast<long long>(part),
                  static_cast<long long>(count));
    if (!name.ends_with(ending)) return std::nullopt;
    return name.substr(0, name.size() - std::strlen(ending));
}

std::string splitName(const std::string& stem, std::int64_t part, std::int64_t count) {
    char ending[64];
    std::snprintf(ending, sizeof(ending), "-%05lld-of-%05lld.gguf", static_cast<long long>(part),
                  static_cast<long long>(count));
    return stem + ending;
}

}  // namespace

GgufMetadata::GgufMetadata(std::shared_ptr<const MappedFile> file,
                           std::map<std::string_view, GgufValue, std::less<>> values)
    : m_file(std::move(file)), m_values(std::move(values)) {}

const GgufValue* GgufMetadata::find(std::string_view key) const {
    const auto found = m_values.find(key);
    return found == m_values.end() ? nullptr : &found->second;
}

void GgufMetadata::fail(std::string_view key, const std::string& message) const {
    const GgufValue* value = find(key);
    failFile(m_file->path(),
             "key " + inQuotes(key) + " " + message +
                 (value == nullptr ? "" : " (at byte " + std::to_string(value->offset) + ")"));
}

const GgufValue& GgufMetadata::scalar(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) fail(key, "is missing");
    if (value->type == GgufType::Array) fail(key, "is an " + typeText(*value) + ", not one value");
    return *value;
}

const GgufValue& GgufMetadata::array(std::string_view key, std::optional<std::size_t> count) const {
    const GgufValue* value = find(key);
    if (value == nullptr) fail(key, "is missing");
    if (value->type != GgufType::Array) fail(key, "is one " + typeText(*value) + ", not an array");
    if (count && value->count != *count) {
        fail(key, "has " + std::to_string(value->count) + " elements, expected " +
                      std::to_string(*count));
    }
    return *value;
}

std::int64_t GgufMetadata::integer(std::string_view key, std::int64_t least,
                                   std::int64_t most) const {
    const GgufValue& value = scalar(key);
    const auto number = integerAt(value, 0);
    if (!number) fail(key, "of type " + typeText(value) + " is no integer below 2^63");
    if (*number < least || *number > most) {
        fail(key, "is " + std::to_string(*number) + ", not in [" + std::to_string(least) + ", " +
                      std::to_string(most) + "]");
    }
    return *number;
}

std::int64_t GgufMetadata::integerOr(std::string_view key, std::int64_t fallback,
                                     std::int64_t least, std::int64_t most) const {
    return contains(key) ? integer(key, least, most) : fallback;
}

double GgufMetadata::number(std::string_view key) const {
    const GgufValue& value = scalar(key);
    if (value.type != GgufType::F32 && value.type != GgufType::F64) {
        fail(key, "of type " + typeText(value) + " is no floating-point number");
    }
    const double number = value.type == GgufType::F32
                              ? static_cast<double>(elementAt<float>(value.bytes, 0))
                              : elementAt<double>(value.bytes, 0);
    if (!std::isfinite(number)) fail(key, "is not finite");
    return number;
}

double GgufMetadata::numberOr(std::string_view key, double fallback) const {
    return contains(key) ? number(key) : fallback;
}

bool GgufMetadata::boolean(std::string_view key) const {
    const GgufValue& value = scalar(key);
    if (value.type != GgufType::Bool) fail(key, "of type " + typeText(value) + " is no bool");
    return value.bytes[0] != std::byte{0};
}

bool GgufMetadata::booleanOr(std::string_view key, bool fallback) const {
    return contains(key) ? boolean(key) : fallback;
}

std::string_view GgufMetadata::text(std::string_view key) const {
    const GgufValue& value = scalar(key);
    if (value.type != GgufType::String) fail(key, "of type " + typeText(value) + " is no string");
    return {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()};
}

std::string_view GgufMetadata::textOr(std::string_view key, std::string_view fallback) const {
    return contains(key) ? text(key) : fallback;
}

std::vector<std::int64_t> GgufMetadata::integers(std::string_view key,
                                                 std::optional<std::size_t> count) const {
    const GgufValue& value = array(key, count);
    std::vector<std::int64_t> out(static_cast<std::size_t>(value.count));
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto number = integerAt(value, i);
        if (!number) {
            fail(key, "is an " + typeText(value) + "; element " + std::to_string(i) +
                          " is no integer below 2^63");
        }
        out[i] = *number;
    }
    return out;
}

std::vector<float> GgufMetadata::floats(std::string_view key,
                                        std::optional<std::size_t> count) const {
    const GgufValue& value = array(key, count);
    if (value.elementType != GgufType::F32) fail(key, "is an " + typeText(value) + ", not of f32");
    std::vector<float> out(static_cast<std::size_t>(value.count));
    if (!out.empty()) std::memcpy(out.data(), value.bytes.data(), value.bytes.size());
    return out;
}

std::vector<bool> GgufMetadata::booleans(std::string_view key,
                                         std::optional<std::size_t> count) const {
    const GgufValue& value = array(key, count);
    if (value.elementType != GgufType::Bool)
        fail(key, "is an " + typeText(value) + ", not of bool");
    std::vector<bool> out(static_cast<std::size_t>(value.count));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = value.bytes[i] != std::byte{0};
    return out;
}

std::vector<std::string_view> GgufMetadata::texts(std::string_view key,
                                                  std::optional<std::size_t> count) const {
    const GgufValue& value = array(key, count);
    if (value.elementType != GgufType::String) {
        fail(key, "is an " + typeText(value) + ", not of strings");
    }
    std::vector<std::string_view> out(static_cast<std::size_t>(value.count));
    std::span<const std::byte> rest = value.bytes;  // lengths were checked when the file was read
    for (std::string_view& text : out) {
        const auto length = static_cast<std::size_t>(elementAt<std::uint64_t>(rest, 0));
        rest = rest.subspan(sizeof(std::uint64_t));
        text = {reinterpret_cast<const char*>(rest.data()), length};
        rest = rest.subspan(length);
    }
    return out;
}

std::int64_t GgufTensor::elementCount() const {
    return rowCount() * rowLength();
}

std::int64_t GgufTensor::rowLength() const {
    return shape.empty() ? 1 : shape.back();
}

std::int64_t GgufTensor::rowCount() const {
    std::int64_t count = 1;
    for (std::size_t i = 0; i + 1 < shape.size(); ++i) count *= shape[i];
    return count;
}

std::size_t GgufTensor::bytesPerRow() const {
    return static_cast<std::size_t>(rowLength()) / format->weights * format->bytes;
}

std::uint64_t GgufTensor::fileOffset() const {
    return static_cast<std::uint64_t>(bytes.data() - file->bytes().data());
}

void GgufTensor::dequantize(std::int64_t firstRow, std::int64_t rows, std::span<float> out) const {
    const std::string what = file->path().string() + ": tensor " + inQuotes(name);
    if (firstRow < 0 || rows < 0 || firstRow > rowCount() || rows > rowCount() - firstRow) {
        throw Error(ErrorKind::Internal, what + ": rows " + std::to_string(firstRow) + " + " +
                                             std::to_string(rows) + " of " +
                                             std::to_string(rowCount()));
    }
    try {
        dequantizeRows(*format,
                       bytes.subspan(static_cast<std::size_t>(firstRow) * bytesPerRow(),
                                     static_cast<std::size_t>(rows) * bytesPerRow()),
                       out);
    } catch (const Error& error) {
        throw error.withContext(what);
    }
}

void GgufTensor::checkIsFinite() const {
    const auto length = static_cast<std::size_t>(rowLength());
    std::vector<float> row(length);
    for (std::int64_t r = 0; r < rowCount(); ++r) {
        dequantize(r, 1, row);
        // x − x is 0 for finite x, else NaN; one sum over the row can be vectorised.
        float sum = 0.0F;
        for (const float x : row) sum += x - x;
        if (sum == 0.0F) continue;
        const auto bad =
            std::find_if(row.begin(), row.end(), [](float x) { return !std::isfinite(x); });
        const auto column = static_cast<std::size_t>(bad - row.begin());
        const std::uint64_t at = fileOffset() + static_cast<std::size_t>(r) * bytesPerRow() +
                                 column / format->weights * format->bytes;
        failFile(file->path(), "tensor " + inQuotes(name) + ": element " +
                                   std::to_string(static_cast<std::size_t>(r) * length + column) +
                                   " is not finite (block of " + std::string(format->name) +
                                   " at byte " + std::to_string(at) + ")");
    }
}

GgufFile::GgufFile(std::shared_ptr<const MappedFile> file, GgufPart first)
    : m_first(std::move(first)) {
    m_files.push_back(std::move(file));
    indexTensors(0);
}

const GgufTensor* GgufFile::find(std::string_view name) const {
    const auto found = m_byName.find(name);
    return found == m_byName.end() ? nullptr : &m_first.tensors[found->second];
}

void GgufFile::indexTensors(std::size_t from) {
    for (std::size_t i = from; i < m_first.tensors.size(); ++i) {
        const GgufTensor& tensor = m_first.tensors[i];
        const auto [where, isNew] = m_byName.emplace(tensor.name, i);
        if (isNew) continue;
        failFile(tensor.file->path(),
                 "tensor " + inQuotes(tensor.name) + " is also in " +
                     m_first.tensors[where->second].file->path().filename().string());
    }
}

void GgufFile::addPart(const std::shared_ptr<const MappedFile>& file, GgufPart part) {
    const std::size_t from = m_first.tensors.size();
    m_first.tensors.insert(m_first.tensors.end(), std::make_move_iterator(part.tensors.begin()),
                           std::make_move_iterator(part.tensors.end()));
    m_files.push_back(file);
    indexTensors(from);
}

GgufFile GgufFile::open(const fs::path& file) {
    const auto mapped = MappedFile::open(file);
    GgufFile out(mapped, readGgufPart(mapped));
    const std::int64_t count = out.metadata().integerOr(kSplitCount, 1, 0, kMostParts);
    if (count <= 1) return out;
    const std::int64_t number = out.metadata().integer(kSplitNumber, 0, count - 1);
    const auto stem = splitStem(file.filename().string(), number + 1, count);
    if (!stem) {
        failFile(file, "is part " + std::to_string(number + 1) + " of " + std::to_string(count) +
                           " of a split model, but its name does not end in " +
                           splitName("", number + 1, count));
    }
    if (number != 0) {
        failFile(file, "is part " + std::to_string(number + 1) + " of a split model; open " +
                           splitName(*stem, 1, count));
    }
    const std::int64_t announced = out.metadata().integer(kSplitTensors);
    for (std::int64_t i = 1; i < count; ++i) {
        const fs::path path = file.parent_path() / splitName(*stem, i + 1, count);
        std::error_code status;
        if (!fs::exists(path, status)) {
            failFile(path, "is missing: part " + std::to_string(i + 1) + " of " +
                               std::to_string(count) + " of the model " + file.filename().string());
        }
        const auto sibling = MappedFile::open(path);
        GgufPart part = readGgufPart(sibling);
        part.metadata.integer(kSplitNumber, i, i);
        part.metadata.integer(kSplitCount, count, count);
        out.addPart(sibling, std::move(part));
    }
    if (static_cast<std::int64_t>(out.tensors().size()) != announced) {
        failFile(file, "key " + inQuotes(kSplitTensors) + " announces " +
                           std::to_string(announced) + " tensors, the parts have " +
                           std::to_string(out.tensors().size()));
    }
    return out;
}

}  // namespace driftlens
