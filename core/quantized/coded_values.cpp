#include "core/quantized/coded_values.h"

#include "core/quantized/float_formats.h"

#include <algorithm>
#include <array>
#include <utility>

namespace driftlens {
namespace {

float rounded(float value, RoundTo to) {
    if (to == RoundTo::F16) return roundToHalf(value);
    if (to == RoundTo::BF16) return roundToBfloat16(value);
    return value;
}

class CodedMatrix final : public PackedMatrix {
public:
    CodedMatrix(MatrixSize size, std::string form, std::size_t storedBytes, CodedValues values)
        : PackedMatrix(size, std::move(form), storedBytes), m_values(std::move(values)) {}

private:
    void expand(std::int64_t first, std::int64_t count, float* out) const override {
        const std::int64_t columns = size().columns;
        const std::int64_t end = (first + count) * columns;
        for (std::int64_t i = first * columns; i < end;) {
            const std::int64_t block = i / m_values.blockSize;
            const std::int64_t blockEnd = std::min((block + 1) * m_values.blockSize, end);
            const float scale = m_values.scales[static_cast<std::size_t>(block)];
            if (m_values.width == CodeWidth::Byte) {
                expandBytes(i, blockEnd, scale, out);
            } else {
                expandNibbles(i, blockEnd, scale, out);
            }
            out += blockEnd - i;
            i = blockEnd;
        }
    }

    void expandBytes(std::int64_t begin, std::int64_t end, float scale, float* out) const {
        const std::byte* codes = m_values.codes.bytes.data();
        for (std::int64_t i = begin; i < end; ++i) {
            const auto code = std::to_integer<std::size_t>(codes[i]);
            *out++ = rounded(m_values.table[code] * scale, m_values.roundTo);
        }
    }

    void expandNibbles(std::int64_t begin, std::int64_t end, float scale, float* out) const {
        std::array<float, 16> scaled;
        for (std::size_t c = 0; c < 16; ++c) {
            scaled[c] = rounded(m_values.table[c] * scale, m_values.roundTo);
        }
        const std::byte* codes = m_values.codes.bytes.data();
        const int evenShift = m_values.width == CodeWidth::NibbleHighFirst ? 4 : 0;
        for (std::int64_t i = begin; i < end; ++i) {
            const int shift = i % 2 == 0 ? evenShift : 4 - evenShift;
            *out++ = scaled[(std::to_integer<unsigned>(codes[i / 2]) >> shift) & 15U];
        }
    }

    CodedValues m_values;
};

}  // namespace

PackedMatrixPtr makeCodedMatrix(MatrixSize size, std::string form, std::size_t storedBytes,
                                CodedValues values) {
    return std::make_shared<CodedMatrix>(size, std::move(form), storedBytes, std::move(values));
}

std::vector<float> e2m1Table() {
    return {0.0F,  0.5F,  1.0F,  1.5F,  2.0F,  3.0F,  4.0F,  6.0F,
            -0.0F, -0.5F, -1.0F, -1.5F, -2.0F, -3.0F, -4.0F, -6.0F};
}

std::vector<float> e4m3Table() {
    std::vector<float> table;
    for (unsigned code = 0; code < 256; ++code) {
        table.push_back(e4m3ToFloat(static_cast<std::uint8_t>(code)));
    }
    return table;
}

}  // namespace driftlens
