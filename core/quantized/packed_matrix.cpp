#include "core/quantized/packed_matrix.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/quantized/float_formats.h"

#include <cmath>
#include <utility>

namespace driftlens {
namespace {

float floatAt(const StoredTensor& tensor, std::size_t i) {
    switch (tensor.type) {
        case ElementType::F32:
            return elementOf<float>(tensor, i);
        case ElementType::F16:
            return halfToFloat(elementOf<std::uint16_t>(tensor, i));
        case ElementType::BF16:
            return bfloat16ToFloat(elementOf<std::uint16_t>(tensor, i));
        case ElementType::F8E4M3:
            return e4m3ToFloat(elementOf<std::uint8_t>(tensor, i));
        default:
            failTensor(tensor, "has the type " + std::string(elementTypeName(tensor.type)) +
                                   ", expected F32, F16, BF16 or F8_E4M3");
    }
}

}  // namespace

PackedMatrix::PackedMatrix(MatrixSize size, std::string form, std::size_t storedBytes)
    : m_size(size), m_form(std::move(form)), m_storedBytes(storedBytes) {}

void PackedMatrix::dequantize(std::int64_t first, std::int64_t count, std::span<float> out) const {
    const bool isInside =
        first >= 0 && count >= 0 && first <= m_size.rows && count <= m_size.rows - first;
    if (!isInside || out.size() != static_cast<std::size_t>(count * m_size.columns)) {
        throw Error(ErrorKind::Internal, "PackedMatrix: rows " + std::to_string(first) + " + " +
                                             std::to_string(count) + " of " +
                                             std::to_string(m_size.rows) + " into " +
                                             std::to_string(out.size()) + " floats");
    }
    if (!out.empty()) expand(first, count, out.data());
}

void PackedSource::checkSize() const {
    constexpr std::int64_t kLargest = std::int64_t{1} << 28U;
    for (const std::int64_t n : {size.rows, size.columns}) {
        if (n >= 1 && n <= kLargest) continue;
        throw Error(ErrorKind::InputFile, "module " + inQuotes(module, 200) + " has the size " +
                                              shapeText({size.rows, size.columns}));
    }
}

const StoredTensor* PackedSource::find(std::string_view suffix) const {
    const auto found = tensors.find(module + "." + std::string(suffix));
    return found == tensors.end() ? nullptr : &found->second;
}

const StoredTensor& PackedSource::required(std::string_view suffix) const {
    const StoredTensor* tensor = find(suffix);
    if (tensor == nullptr) {
        throw Error(ErrorKind::InputFile,
                    "tensor " + inQuotes(module + "." + std::string(suffix), 200) + " is missing");
    }
    return *tensor;
}

const StoredTensor& PackedSource::required(std::string_view suffix, ElementType type,
                                           const std::vector<std::int64_t>& shape) const {
    const StoredTensor& tensor = required(suffix);
    requireType(tensor, type);
    requireShape(tensor, shape);
    return tensor;
}

void PackedSource::refuse(const std::string& message) const {
    throw Error(ErrorKind::Unsupported, "module " + inQuotes(module, 200) + ": " + message);
}

void failTensor(const StoredTensor& tensor, const std::string& message) {
    throw Error(ErrorKind::InputFile, (tensor.file ? tensor.file->path().string() + ": " : "") +
                                          "tensor " + inQuotes(tensor.name, 200) + " " + message);
}

std::string shapeText(const std::vector<std::int64_t>& shape) {
    std::string out = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        out += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return out + "]";
}

void requireShape(const StoredTensor& tensor, const std::vector<std::int64_t>& shape) {
    if (tensor.shape == shape) return;
    failTensor(tensor,
               "has the shape " + shapeText(tensor.shape) + ", expected " + shapeText(shape));
}

void requireType(const StoredTensor& tensor, ElementType type) {
    if (tensor.type == type) return;
    failTensor(tensor, "has the type " + std::string(elementTypeName(tensor.type)) + ", expected " +
                           std::string(elementTypeName(type)));
}

void checkIsFinite(const StoredTensor& tensor) {
    const auto count = static_cast<std::size_t>(tensor.elementCount());
    for (std::size_t i = 0; i < count; ++i) {
        if (std::isfinite(floatAt(tensor, i))) continue;
        std::string where;
        if (tensor.file) {
            const std::byte* at = tensor.bytes.data() + i * elementBytes(tensor.type);
            where = " (at byte " + std::to_string(at - tensor.file->bytes().data()) + ")";
        }
        failTensor(tensor, "is not finite: element " + std::to_string(i) + where);
    }
}

std::vector<float> finiteFloats(const StoredTensor& tensor) {
    checkIsFinite(tensor);
    std::vector<float> out(static_cast<std::size_t>(tensor.elementCount()));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = floatAt(tensor, i);
    return out;
}

}  // namespace driftlens
