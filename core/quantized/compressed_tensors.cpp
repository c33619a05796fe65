#include "core/quantized/compressed_tensors.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/quantized/bit_packing.h"
#include "core/quantized/coded_values.h"
#include "core/quantized/float_formats.h"
#include "core/quantized/grouped_codes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace driftlens {
namespace {

using Format = CompressedTensorsFormat;
using Settings = CompressedTensorsSettings;

constexpr std::int64_t kNvfp4Group = 16;
constexpr std::int64_t kMxfp4Group = 32;

struct Groups {
    std::int64_t size = 0;
    std::int64_t count = 0;
};

Groups groupsOf(const PackedSource& source, const Settings& settings) {
    const std::int64_t size = checkedGroupSize(source, settings.groupSize);
    return {size, groupCount(source.size.columns, size)};
}

// Packings of integers along the second dimension of a matrix: words of whole codes ("older"), or
// a dense stream of bits (since compressed-tensors pull request 715).
enum class Packing { Words, Dense };

std::int64_t wordsFor(std::int64_t codes, int bits, Packing packing) {
    return packing == Packing::Words ? groupCount(codes, 32 / bits) : groupCount(codes * bits, 32);
}

// From the number of words that hold so many codes.
Packing packingOf(const PackedSource& source, const StoredTensor& tensor, std::int64_t words,
                  std::int64_t codes, int bits) {
    const bool isDense = words == wordsFor(codes, bits, Packing::Dense);
    const bool isWords = words == wordsFor(codes, bits, Packing::Words);
    if (!isDense && !isWords) {
        failTensor(tensor, "has the shape " + shapeText(tensor.shape) + ", expected " +
                               std::to_string(wordsFor(codes, bits, Packing::Dense)) +
                               " words for " + std::to_string(codes) + " codes of " +
                               std::to_string(bits) + " bits");
    }
    const bool areEqual = 32 % bits == 0 || codes <= 32 / bits;
    if (isDense && isWords && !areEqual) {
        source.refuse("its size fits both packings of " + std::to_string(bits) + " bit codes");
    }
    return isDense ? Packing::Dense : Packing::Words;
}

void unpackAs(Packing packing, std::span<const std::byte> words, int bits,
              std::span<std::uint8_t> out) {
    if (packing == Packing::Dense) {
        unpackDense(words, bits, out);
    } else {
        unpackWords(words, bits, out);
    }
}

// Zero points of packed integers: words along the outputs, [words, groups] → [rows, groups].
std::vector<std::uint8_t> packedZeros(const PackedSource& source, int bits, std::int64_t groups) {
    const StoredTensor& tensor = source.required("weight_zero_point");
    requireType(tensor, ElementType::I32);
    const std::int64_t rows = source.size.rows;
    const std::int64_t words = tensor.shape.empty() ? 0 : tensor.shape[0];
    const Packing packing = packingOf(source, tensor, words, rows, bits);
    requireShape(tensor, {words, groups});
    std::vector<std::uint8_t> zeros(static_cast<std::size_t>(groups * rows));
    std::vector<std::uint32_t> column(static_cast<std::size_t>(words));
    for (std::int64_t g = 0; g < groups; ++g) {
        for (std::size_t w = 0; w < column.size(); ++w) {
            column[w] = elementOf<std::uint32_t>(
                tensor, w * static_cast<std::size_t>(groups) + static_cast<std::size_t>(g));
        }
        unpackAs(packing, std::as_bytes(std::span(column)), bits,
                 std::span(zeros).subspan(static_cast<std::size_t>(g * rows),
                                          static_cast<std::size_t>(rows)));
    }
    return transposed(zeros, rows, groups);
}

// Order of groups, or empty. The library writes −1 everywhere where there is no order.
std::vector<std::int32_t> readOrder(const PackedSource& source, const Groups& groups) {
    const StoredTensor* tensor = source.find("weight_g_idx");
    if (tensor == nullptr) return {};
    requireType(*tensor, ElementType::I32);
    bool isUnset = true;
    for (std::size_t i = 0; i < tensor->bytes.size() / 4; ++i) {
        isUnset = isUnset && elementOf<std::int32_t>(*tensor, i) == -1;
    }
    if (isUnset) return {};
    return checkedGroupOf(*tensor, source.size.columns, groups.size, groups.count);
}

void checkWeightShape(const PackedSource& source) {
    const StoredTensor& tensor = source.required("weight_shape", ElementType::I64, {2});
    const std::vector<std::int64_t> shape = {elementOf<std::int64_t>(tensor, 0),
                                             elementOf<std::int64_t>(tensor, 1)};
    if (shape == std::vector{source.size.rows, source.size.columns}) return;
    failTensor(tensor, "says " + shapeText(shape) + ", expected " +
                           shapeText({source.size.rows, source.size.columns}));
}

PackedMatrixPtr makePacked(const PackedSource& source, const Settings& settings) {
    const int bits = settings.bits;
    if (bits < 2 || bits > 8) {
        source.refuse("pack-quantized with " + std::to_string(bits) + " bits is not supported");
    }
    checkWeightShape(source);
    const auto [rows, columns] = source.size;
    const Groups count = groupsOf(source, settings);
    const StoredTensor& packed = source.required("weight_packed");
    requireType(packed, ElementType::I32);
    const std::int64_t words = packed.shape.size() == 2 ? packed.shape[1] : 0;
    const Packing packing = packingOf(source, packed, words, columns, bits);
    requireShape(packed, {rows, words});
    const StoredTensor& scale = source.required("weight_scale");
    GroupScales groups{count.count, count.size, {}, {}, readOrder(source, count)};
    groups.scales = perGroup(scale, finiteFloats(scale), rows, count.count);
    if (settings.symmetric) {
        // Signed codes are stored with half of their range added.
        groups.zeros.assign(groups.scales.size(), static_cast<std::uint8_t>(1U << (bits - 1)));
    } else {
        groups.zeros = packedZeros(source, bits, count.count);
    }
    const std::string form = "compressed-tensors " + std::to_string(bits) + " bit, groups of " +
                             std::to_string(count.size);
    return makeGroupedMatrix(
        source.size, form, packed.bytes.size() + scale.bytes.size(), std::move(groups),
        [packed, packing, bits, perRow = static_cast<std::size_t>(words) * 4,
         width = static_cast<std::size_t>(columns)](std::int64_t first, std::int64_t rowCount,
                                                    std::uint8_t* codes) {
            for (std::int64_t r = 0; r < rowCount; ++r) {
                const auto from = static_cast<std::size_t>(first + r) * perRow;
                unpackAs(packing, packed.bytes.subspan(from, perRow), bits, {codes, width});
                codes += width;
            }
        });
}

// Signed bytes as unsigned ones with 128 added, for codes and zero points alike.
std::uint8_t raised(std::byte signedByte) {
    return static_cast<std::uint8_t>(std::to_integer<unsigned>(signedByte) ^ 0x80U);
}

PackedMatrixPtr makeInt8(const PackedSource& source, const Settings& settings) {
    if (settings.bits > 8) {
        source.refuse("int-quantized with " + std::to_string(settings.bits) +
                      " bits is not supported");
    }
    const auto [rows, columns] = source.size;
    const Groups count = groupsOf(source, settings);
    const StoredTensor& weight = source.required("weight", ElementType::I8, {rows, columns});
    const StoredTensor& scale = source.required("weight_scale");
    GroupScales groups{count.count, count.size, {}, {}, readOrder(source, count)};
    groups.scales = perGroup(scale, finiteFloats(scale), rows, count.count);
    groups.zeros.assign(groups.scales.size(), 128);
    if (!settings.symmetric) {
        const StoredTensor& zero = source.required("weight_zero_point");
        requireType(zero, ElementType::I8);
        std::vector<std::uint8_t> zeros(zero.bytes.size());
        std::transform(zero.bytes.begin(), zero.bytes.end(), zeros.begin(), raised);
        groups.zeros = perGroup(zero, std::move(zeros), rows, count.count);
    }
    return makeGroupedMatrix(
        source.size, "compressed-tensors INT8, groups of " + std::to_string(count.size),
        weight.bytes.size() + scale.bytes.size(), std::move(groups),
        [weight, columns = columns](std::int64_t first, std::int64_t rowCount,
                                    std::uint8_t* codes) {
            const auto bytes = weight.bytes.subspan(static_cast<std::size_t>(first * columns),
                                                    static_cast<std::size_t>(rowCount * columns));
            std::transform(bytes.begin(), bytes.end(), codes, raised);
        });
}

// A block size that tiles every row; scales then run on from row to row.
void requireWholeGroups(const PackedSource& source, const Groups& groups) {
    if (source.size.columns % groups.size == 0) return;
    source.refuse("groups of " + std::to_string(groups.size) + " do not divide rows of " +
                  std::to_string(source.size.columns) + " weights");
}

PackedMatrixPtr makeFloat8(const PackedSource& source, const Settings& settings) {
    const auto [rows, columns] = source.size;
    const Groups groups = groupsOf(source, settings);
    requireWholeGroups(source, groups);
    const StoredTensor& weight = source.required("weight", ElementType::F8E4M3, {rows, columns});
    checkIsFinite(weight);
    const StoredTensor& scale = source.required("weight_scale");
    CodedValues values{weight, CodeWidth::Byte, e4m3Table(), groups.size,
                       perGroup(scale, finiteFloats(scale), rows, groups.count)};
    return makeCodedMatrix(source.size,
                           "compressed-tensors FP8, groups of " + std::to_string(groups.size),
                           weight.bytes.size() + scale.bytes.size(), std::move(values));
}

PackedMatrixPtr makeFloat4(const PackedSource& source, std::string form, const Groups& groups,
                           std::vector<float> scales) {
    const StoredTensor& packed = source.required("weight_packed", ElementType::U8,
                                                 {source.size.rows, source.size.columns / 2});
    const std::size_t stored = packed.bytes.size() + source.required("weight_scale").bytes.size();
    CodedValues values{packed, CodeWidth::NibbleLowFirst, e2m1Table(), groups.size,
                       std::move(scales)};
    return makeCodedMatrix(source.size, std::move(form), stored, std::move(values));
}

PackedMatrixPtr makeNvfp4(const PackedSource& source) {
    const Groups groups = {kNvfp4Group, groupCount(source.size.columns, kNvfp4Group)};
    requireWholeGroups(source, groups);
    const StoredTensor& scale =
        source.required("weight_scale", ElementType::F8E4M3, {source.size.rows, groups.count});
    const StoredTensor& global = source.required("weight_global_scale", ElementType::F32, {1});
    const float divisor = finiteFloats(global)[0];
    if (!(divisor > 0.0F)) failTensor(global, "is " + std::to_string(divisor));
    std::vector<float> scales = finiteFloats(scale);
    for (float& value : scales) {
        value /= divisor;
        if (!std::isfinite(value)) failTensor(global, "is too small for its scales");
    }
    return makeFloat4(source, "compressed-tensors NVFP4", groups, std::move(scales));
}

PackedMatrixPtr makeMxfp4(const PackedSource& source) {
    const Groups groups = {kMxfp4Group, groupCount(source.size.columns, kMxfp4Group)};
    requireWholeGroups(source, groups);
    const StoredTensor& scale =
        source.required("weight_scale", ElementType::U8, {source.size.rows, groups.count});
    std::vector<float> scales(scale.bytes.size());
    for (std::size_t i = 0; i < scales.size(); ++i) {
        scales[i] = e8m0ToFloat(elementOf<std::uint8_t>(scale, i));
        // 2^126 and above make products with 4 and 6 overflow; 255 is NaN.
        if (!std::isfinite(scales[i] * 6.0F)) {
            failTensor(scale, "is not finite: element " + std::to_string(i));
        }
    }
    return makeFloat4(source, "compressed-tensors MXFP4", groups, std::move(scales));
}

struct FormatRow {
    std::string_view name;
    Format format;
};

constexpr std::array<FormatRow, 6> kFormats = {{
    {"pack-quantized", Format::PackQuantized},
    {"int-quantized", Format::IntQuantized},
    {"naive-quantized", Format::IntQuantized},
    {"float-quantized", Format::FloatQuantized},
    {"nvfp4-pack-quantized", Format::Nvfp4Pack},
    {"mxfp4-pack-quantized", Format::Mxfp4Pack},
}};

}  // namespace

CompressedTensorsFormat compressedTensorsFormat(std::string_view name) {
    const auto* found = std::find_if(kFormats.begin(), kFormats.end(),
                                     [&](const FormatRow& row) { return row.name == name; });
    if (found != kFormats.end()) return found->format;
    throw Error(ErrorKind::Unsupported,
                "compressed-tensors format " + inQuotes(name) + " is not supported");
}

PackedMatrixPtr makeCompressedTensorsMatrix(const PackedSource& source,
                                            const CompressedTensorsSettings& settings) {
    source.checkSize();
    switch (settings.format) {
        case Format::PackQuantized:
            return makePacked(source, settings);
        case Format::IntQuantized:
            return makeInt8(source, settings);
        case Format::FloatQuantized:
            return makeFloat8(source, settings);
        case Format::Nvfp4Pack:
            return makeNvfp4(source);
        case Format::Mxfp4Pack:
            return makeMxfp4(source);
    }
    throw Error(ErrorKind::Internal, "compressed-tensors: a format without a reader");
}

}  // namespace driftlens
