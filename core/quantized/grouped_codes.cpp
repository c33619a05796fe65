#include "core/quantized/grouped_codes.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <utility>

namespace driftlens {
namespace {

// Rows unpacked at a time: their words share cache lines where words run along the rows.
constexpr std::int64_t kRowsAtATime = 16;

void scaleGroup(const std::uint8_t* __restrict codes, std::size_t count, int zero, float scale,
                float* __restrict out) {
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = static_cast<float>(static_cast<int>(codes[i]) - zero) * scale;
    }
}

class GroupedMatrix final : public PackedMatrix {
public:
    GroupedMatrix(MatrixSize size, std::string form, std::size_t storedBytes, GroupScales groups,
                  UnpackCodes unpack)
        : PackedMatrix(size, std::move(form), storedBytes),
          m_groups(std::move(groups)),
          m_unpack(std::move(unpack)) {}

private:
    void expand(std::int64_t first, std::int64_t count, float* out) const override {
        const std::int64_t columns = size().columns;
        std::vector<std::uint8_t> codes(
            static_cast<std::size_t>(std::min(count, kRowsAtATime) * columns));
        for (std::int64_t done = 0; done < count; done += kRowsAtATime) {
            const std::int64_t rows = std::min(kRowsAtATime, count - done);
            m_unpack(first + done, rows, codes.data());
            for (std::int64_t r = 0; r < rows; ++r) {
                scaleRow(first + done + r, codes.data() + r * columns, out + (done + r) * columns);
            }
        }
    }

    void scaleRow(std::int64_t row, const std::uint8_t* codes, float* out) const {
        const float* scales = m_groups.scales.data() + row * m_groups.groups;
        const std::uint8_t* zeros = m_groups.zeros.data() + row * m_groups.groups;
        const std::int64_t columns = size().columns;
        if (!m_groups.groupOf.empty()) {
            for (std::int64_t c = 0; c < columns; ++c) {
                const std::int32_t group = m_groups.groupOf[static_cast<std::size_t>(c)];
                out[c] = static_cast<float>(codes[c] - zeros[group]) * scales[group];
            }
            return;
        }
        for (std::int64_t group = 0; group < m_groups.groups; ++group) {
            const std::int64_t begin = group * m_groups.groupSize;
            const std::int64_t width = std::min(m_groups.groupSize, columns - begin);
            scaleGroup(codes + begin, static_cast<std::size_t>(width), zeros[group], scales[group],
                       out + begin);
        }
    }

    GroupScales m_groups;
    UnpackCodes m_unpack;
};

}  // namespace

PackedMatrixPtr makeGroupedMatrix(MatrixSize size, std::string form, std::size_t storedBytes,
                                  GroupScales groups, UnpackCodes unpack) {
    return std::make_shared<GroupedMatrix>(size, std::move(form), storedBytes, std::move(groups),
                                           std::move(unpack));
}

std::int64_t checkedGroupSize(const PackedSource& source, std::int64_t setting) {
    if (setting == -1) return source.size.columns;
    if (setting <= 0) {
        throw Error(ErrorKind::InputFile, "module " + inQuotes(source.module, 200) +
                                              ": the group size is " + std::to_string(setting));
    }
    return setting;
}

std::int64_t groupCount(std::int64_t columns, std::int64_t groupSize) {
    return columns / groupSize + (columns % groupSize != 0 ? 1 : 0);
}

std::vector<std::int32_t> checkedGroupOf(const StoredTensor& tensor, std::int64_t columns,
                                         std::int64_t groupSize, std::int64_t groups) {
    requireType(tensor, ElementType::I32);
    requireShape(tensor, {columns});
    std::vector<std::int32_t> out(static_cast<std::size_t>(columns));
    bool isPlain = true;
    for (std::int64_t c = 0; c < columns; ++c) {
        const auto group = elementOf<std::int32_t>(tensor, static_cast<std::size_t>(c));
        if (group < 0 || group >= groups) {
            failTensor(tensor, "puts column " + std::to_string(c) + " into group " +
                                   std::to_string(group) + " of " + std::to_string(groups));
        }
        isPlain = isPlain && group == c / groupSize;
        out[static_cast<std::size_t>(c)] = group;
    }
    if (isPlain) out.clear();
    return out;
}

}  // namespace driftlens
