// A matrix of weights in a compressed form, and what the readers of such forms share.
#pragma once

#include "core/files/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// rows = output features, columns = input features.
struct MatrixSize {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
};

// W [rows, columns], kept compressed; gives any rows of it as floats. Immutable and thread-safe;
// keeps the mapped file it reads from alive. Everything was checked when it was made: giving rows
// cannot fail on account of the file.
class PackedMatrix {
public:
    virtual ~PackedMatrix() = default;
    PackedMatrix(const PackedMatrix&) = delete;
    PackedMatrix& operator=(const PackedMatrix&) = delete;

    const MatrixSize& size() const { return m_size; }
    const std::string& form() const { return m_form; }         // "GPTQ 4 bit, groups of 32"
    std::size_t storedBytes() const { return m_storedBytes; }  // scales and tables included

    // Rows [first, first + count) into out, row-major, count × columns. Each weight is rounded
    // once per operation of its format, in float32. Throws Error(Internal) for rows outside the
    // matrix or an out of another size.
    void dequantize(std::int64_t first, std::int64_t count, std::span<float> out) const;

protected:
    PackedMatrix(MatrixSize size, std::string form, std::size_t storedBytes);

private:
    virtual void expand(std::int64_t first, std::int64_t count, float* out) const = 0;

    MatrixSize m_size;
    std::string m_form;
    std::size_t m_storedBytes = 0;
};

using PackedMatrixPtr = std::shared_ptr<const PackedMatrix>;

// Where the tensors of one compressed matrix are: "<module>.qweight", "<module>.scales", …
// Borrows the tensors of a checkpoint.
struct PackedSource {
    const std::map<std::string, StoredTensor, std::less<>>& tensors;
    std::string module;
    MatrixSize size;  // what the network needs; each at least 1

    // Throws Error(InputFile) naming the module if a size is below 1 or so large that the
    // arithmetic on shapes could overflow.
    void checkSize() const;

    const StoredTensor* find(std::string_view suffix) const;  // nullptr if absent
    // Throws Error(InputFile) naming the tensor if it is absent.
    const StoredTensor& required(std::string_view suffix) const;
    // As required; also checks type and shape.
    const StoredTensor& required(std::string_view suffix, ElementType type,
                                 const std::vector<std::int64_t>& shape) const;
    // Throws Error(Unsupported) naming the module.
    [[noreturn]] void refuse(const std::string& message) const;
};

// Throws Error(InputFile): file, tensor, message.
[[noreturn]] void failTensor(const StoredTensor& tensor, const std::string& message);

std::string shapeText(const std::vector<std::int64_t>& shape);  // "[2, 3]"

// Throws Error(InputFile) if the tensor has another type or shape.
void requireShape(const StoredTensor& tensor, const std::vector<std::int64_t>& shape);
void requireType(const StoredTensor& tensor, ElementType type);

// Scales and zero points per output, per group of inputs, or one for all, as [rows, groups]: what
// compressed-tensors calls the strategies channel, group and tensor. Throws Error(InputFile) naming
// the tensor if its shape is none of [rows, groups], [1] and [].
template <typename T>
std::vector<T> perGroup(const StoredTensor& tensor, std::vector<T> values, std::int64_t rows,
                        std::int64_t groups) {
    if (tensor.shape.size() < 2 && values.size() == 1) {
        return std::vector<T>(static_cast<std::size_t>(rows * groups), values[0]);
    }
    requireShape(tensor, {rows, groups});
    return values;
}

// Throws Error(InputFile) naming tensor, element and byte offset if one is not finite, or if the
// type is none of F32, F16, BF16 and F8_E4M3.
void checkIsFinite(const StoredTensor& tensor);

// Scales as float32 (exact), checked as above.
std::vector<float> finiteFloats(const StoredTensor& tensor);

// Element i of a tensor of that type; unaligned.
template <typename T>
T elementOf(const StoredTensor& tensor, std::size_t i) {
    T value{};
    __builtin_memcpy(&value, tensor.bytes.data() + i * sizeof(T), sizeof(T));
    return value;
}

}  // namespace driftlens
