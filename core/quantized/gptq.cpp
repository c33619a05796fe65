#include "core/quantized/gptq.h"

#include "core/quantized/bit_packing.h"
#include "core/quantized/grouped_codes.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace driftlens {
namespace {

constexpr std::array<int, 4> kBits = {2, 3, 4, 8};

// A word with 1 in the lowest bit of each of its fields. Three-bit fields straddle words: the tools
// do not add to those as words, so there is no such word.
std::uint32_t onesOf(int bits) {
    std::uint32_t ones = 0;
    for (int bit = 0; bit < 32; bit += bits) ones |= 1U << static_cast<unsigned>(bit);
    return ones;
}

bool carries(const GptqSettings& settings) {
    return settings.zeros == GptqZeros::PlusOneWithCarry && 32 % settings.bits == 0;
}

// [groups, rows], as stored.
std::vector<std::uint8_t> readZeros(const StoredTensor& tensor, const GptqSettings& settings,
                                    std::int64_t groups, std::int64_t rows) {
    std::vector<std::byte> words(tensor.bytes.begin(), tensor.bytes.end());
    if (carries(settings)) {
        for (std::size_t at = 0; at < words.size(); at += 4) {
            std::uint32_t word = 0;
            std::memcpy(&word, words.data() + at, sizeof(word));
            word += onesOf(settings.bits);
            std::memcpy(words.data() + at, &word, sizeof(word));
        }
    }
    std::vector<std::uint8_t> zeros(static_cast<std::size_t>(groups * rows));
    const std::size_t stride = words.size() / static_cast<std::size_t>(groups);
    for (std::int64_t g = 0; g < groups; ++g) {
        const auto at = static_cast<std::size_t>(g);
        unpackDense(std::span(words).subspan(at * stride, stride), settings.bits,
                    std::span(zeros).subspan(at * static_cast<std::size_t>(rows),
                                             static_cast<std::size_t>(rows)));
    }
    if (settings.zeros != GptqZeros::AsStored && !carries(settings)) {
        const auto mask = static_cast<std::uint8_t>((1U << settings.bits) - 1U);
        for (std::uint8_t& zero : zeros) zero = static_cast<std::uint8_t>((zero + 1U) & mask);
    }
    return zeros;
}

// Words run along the outputs in the file: row r of the matrix is column r of words.
UnpackCodes unpackColumns(const StoredTensor& qweight, int bits, MatrixSize size) {
    return [qweight, bits, size](std::int64_t first, std::int64_t count, std::uint8_t* codes) {
        const auto words = static_cast<std::size_t>(qweight.shape[0]);
        const auto rows = static_cast<std::size_t>(count);
        const auto columns = static_cast<std::size_t>(size.columns);
        std::vector<std::uint32_t> gathered(rows * words);
        const std::byte* from = qweight.bytes.data() + first * 4;
        for (std::size_t w = 0; w < words; ++w) {
            for (std::size_t r = 0; r < rows; ++r) {
                std::memcpy(&gathered[r * words + w], from + r * 4, 4);
            }
            from += size.rows * 4;
        }
        for (std::size_t r = 0; r < rows; ++r) {
            unpackDense(std::as_bytes(std::span(gathered).subspan(r * words, words)), bits,
                        {codes + r * columns, columns});
        }
    };
}

void checkSettings(const PackedSource& source, const GptqSettings& settings) {
    source.checkSize();
    if (std::find(kBits.begin(), kBits.end(), settings.bits) == kBits.end()) {
        source.refuse("GPTQ with " + std::to_string(settings.bits) + " bits is not supported");
    }
    // Codes fill whole words, along the inputs and along the outputs.
    if (source.size.columns * settings.bits % 32 != 0 ||
        source.size.rows * settings.bits % 32 != 0) {
        source.refuse("GPTQ with " + std::to_string(settings.bits) + " bits of a matrix " +
                      shapeText({source.size.rows, source.size.columns}) +
                      " whose codes do not fill words");
    }
}

std::vector<std::int64_t> zerosShape(const PackedSource& source, const GptqSettings& settings,
                                     std::int64_t groups) {
    return {groups, source.size.rows * settings.bits / 32};
}

}  // namespace

PackedMatrixPtr makeGptqMatrix(const PackedSource& source, const GptqSettings& settings) {
    checkSettings(source, settings);
    const auto [rows, columns] = source.size;
    GroupScales groups;
    groups.groupSize = checkedGroupSize(source, settings.groupSize);
    groups.groups = groupCount(columns, groups.groupSize);
    const StoredTensor& qweight =
        source.required("qweight", ElementType::I32, {columns * settings.bits / 32, rows});
    const StoredTensor& qzeros =
        source.required("qzeros", ElementType::I32, zerosShape(source, settings, groups.groups));
    const StoredTensor& scales = source.required("scales");
    requireShape(scales, {groups.groups, rows});
    groups.scales = transposed(finiteFloats(scales), rows, groups.groups);
    groups.zeros =
        transposed(readZeros(qzeros, settings, groups.groups, rows), rows, groups.groups);
    std::size_t stored = qweight.bytes.size() + qzeros.bytes.size() + scales.bytes.size();
    if (const StoredTensor* order = source.find("g_idx")) {
        groups.groupOf = checkedGroupOf(*order, columns, groups.groupSize, groups.groups);
        stored += order->bytes.size();
    }
    const std::string form = "GPTQ " + std::to_string(settings.bits) + " bit, groups of " +
                             std::to_string(groups.groupSize);
    return makeGroupedMatrix(source.size, form, stored, std::move(groups),
                             unpackColumns(qweight, settings.bits, source.size));
}

bool hasAmbiguousZeros(const PackedSource& source, const GptqSettings& settings) {
    checkSettings(source, settings);
    if (settings.zeros == GptqZeros::AsStored) return false;
    const std::int64_t groups =
        groupCount(source.size.columns, checkedGroupSize(source, settings.groupSize));
    const StoredTensor& qzeros =
        source.required("qzeros", ElementType::I32, zerosShape(source, settings, groups));
    GptqSettings stored = settings;
    stored.zeros = GptqZeros::AsStored;
    const auto zeros = readZeros(qzeros, stored, groups, source.size.rows);
    const auto largest = static_cast<std::uint8_t>((1U << settings.bits) - 1U);
    return std::find(zeros.begin(), zeros.end(), largest) != zeros.end();
}

}  // namespace driftlens
