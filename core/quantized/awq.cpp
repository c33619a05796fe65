#include "core/quantized/awq.h"

#include "core/quantized/bit_packing.h"
#include "core/quantized/grouped_codes.h"

#include <array>
#include <cstring>
#include <utility>

namespace driftlens {
namespace {

// The nibble of a word that holds output 8 c + i: AutoAWQ packs outputs in the order 0 2 4 6 1 3
// 5 7.
constexpr std::array<int, 8> kNibbleOf = {0, 4, 1, 5, 2, 6, 3, 7};

std::uint32_t wordAt(const std::byte* at) {
    std::uint32_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    return word;
}

std::uint8_t interleavedCode(std::uint32_t word, std::int64_t output) {
    const int shift = 4 * kNibbleOf[static_cast<std::size_t>(output % 8)];
    return static_cast<std::uint8_t>((word >> shift) & 15U);
}

// [groups or inputs, outputs / 8] words → codes of the outputs [first, first + count), each with
// all its inputs together.
void unpackInterleaved(const StoredTensor& words, std::int64_t first, std::int64_t count,
                       std::uint8_t* codes) {
    const std::int64_t inputs = words.shape[0];
    const std::int64_t perInput = words.shape[1];
    for (std::int64_t i = 0; i < inputs; ++i) {
        const std::byte* row = words.bytes.data() + i * perInput * 4;
        for (std::int64_t r = 0; r < count; ++r) {
            const std::int64_t output = first + r;
            codes[r * inputs + i] = interleavedCode(wordAt(row + output / 8 * 4), output);
        }
    }
}

PackedMatrixPtr makeGemm(const PackedSource& source, GroupScales groups) {
    const auto [rows, columns] = source.size;
    const StoredTensor& qweight = source.required("qweight", ElementType::I32, {columns, rows / 8});
    const StoredTensor& qzeros =
        source.required("qzeros", ElementType::I32, {groups.groups, rows / 8});
    const StoredTensor& scales = source.required("scales");
    requireShape(scales, {groups.groups, rows});
    groups.scales = transposed(finiteFloats(scales), rows, groups.groups);
    groups.zeros.resize(groups.scales.size());
    unpackInterleaved(qzeros, 0, rows, groups.zeros.data());
    const std::string form = "AWQ gemm 4 bit, groups of " + std::to_string(groups.groupSize);
    return makeGroupedMatrix(
        source.size, form, qweight.bytes.size() + qzeros.bytes.size() + scales.bytes.size(),
        std::move(groups), [qweight](std::int64_t first, std::int64_t count, std::uint8_t* codes) {
            unpackInterleaved(qweight, first, count, codes);
        });
}

PackedMatrixPtr makeGemv(const PackedSource& source, GroupScales groups) {
    const auto [rows, columns] = source.size;
    const StoredTensor& qweight = source.required("qweight", ElementType::I32, {rows, columns / 8});
    const StoredTensor& qzeros = source.required("qzeros");
    requireType(qzeros, ElementType::I32);
    const std::int64_t width = qzeros.shape.size() == 2 ? qzeros.shape[1] : 0;
    if (width < groupCount(groups.groups, 8) || width > columns) {
        failTensor(qzeros, "has the shape " + shapeText(qzeros.shape) + ", too small for " +
                               std::to_string(groups.groups) + " groups, or too large");
    }
    requireShape(qzeros, {rows, width});
    const StoredTensor& scales = source.required("scales");
    requireShape(scales, {rows, 8 * width});
    const std::vector<float> padded = finiteFloats(scales);
    std::vector<std::uint8_t> paddedZeros(padded.size());
    unpackDense(qzeros.bytes, 4, paddedZeros);
    for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t at = r * 8 * width;
        groups.scales.insert(groups.scales.end(), padded.begin() + at,
                             padded.begin() + at + groups.groups);
        groups.zeros.insert(groups.zeros.end(), paddedZeros.begin() + at,
                            paddedZeros.begin() + at + groups.groups);
    }
    const std::string form = "AWQ gemv 4 bit, groups of " + std::to_string(groups.groupSize);
    return makeGroupedMatrix(
        source.size, form, qweight.bytes.size() + qzeros.bytes.size() + scales.bytes.size(),
        std::move(groups), [qweight](std::int64_t first, std::int64_t count, std::uint8_t* codes) {
            const auto perRow = static_cast<std::size_t>(qweight.shape[1]) * 4;
            const auto from = static_cast<std::size_t>(first) * perRow;
            const auto packed =
                qweight.bytes.subspan(from, static_cast<std::size_t>(count) * perRow);
            unpackDense(packed, 4, {codes, packed.size() * 2});
        });
}

}  // namespace

PackedMatrixPtr makeAwqMatrix(const PackedSource& source, const AwqSettings& settings) {
    source.checkSize();
    if (settings.bits != 4) {
        source.refuse("AWQ with " + std::to_string(settings.bits) + " bits is not supported");
    }
    const bool isGemm = settings.layout == AwqLayout::Gemm;
    if ((isGemm ? source.size.rows : source.size.columns) % 8 != 0) {
        source.refuse("AWQ of a matrix " + shapeText({source.size.rows, source.size.columns}) +
                      " whose codes do not fill words");
    }
    GroupScales groups;
    groups.groupSize = checkedGroupSize(source, settings.groupSize);
    groups.groups = groupCount(source.size.columns, groups.groupSize);
    return isGemm ? makeGemm(source, std::move(groups)) : makeGemv(source, std::move(groups));
}

}  // namespace driftlens
