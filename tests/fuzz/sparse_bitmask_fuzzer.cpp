#include "core/quantized/sparse_bitmask.h"
#include "tests/fuzz/packed_input.h"

#include <bit>

namespace driftlens {
namespace {

std::vector<std::byte> raw(const std::vector<std::int64_t>& values) {
    const auto bytes = std::as_bytes(std::span(values));
    return {bytes.begin(), bytes.end()};
}

// Where the values of every row start, and how many there are.
std::vector<std::int64_t> startsOf(std::span<const std::byte> mask, std::int64_t rows) {
    std::vector<std::int64_t> starts = {0};
    const std::size_t perRow = mask.size() / static_cast<std::size_t>(rows);
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (i % perRow == 0) starts.push_back(starts.back());
        starts.back() += std::popcount(std::to_integer<unsigned>(mask[i]));
    }
    return starts;
}

}  // namespace
}  // namespace driftlens

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    fuzz::PackedInput input(data, size);
    const auto [rows, columns] = input.size();
    const bool is24 = input.choice(2) == 1;
    const std::string prefix = is24 ? "" : "weight.";
    const std::int64_t perRow = (columns + 7) / 8;
    auto mask = input.content(static_cast<std::size_t>(rows * perRow));
    std::vector<std::int64_t> starts = startsOf(mask, rows);
    const std::int64_t count = starts.back();
    starts.pop_back();
    input.add(prefix + "shape", ElementType::I64, {2}, raw({rows, columns}));
    input.add(prefix + "bitmask", ElementType::U8, {rows, perRow}, std::move(mask));
    input.add(prefix + "row_offsets", ElementType::I64, {rows}, raw(starts));
    constexpr std::array<ElementType, 4> kTypes = {ElementType::F16, ElementType::BF16,
                                                   ElementType::F32, ElementType::F8E4M3};
    input.add(prefix + "compressed", kTypes[input.choice(kTypes.size())],
              is24 ? std::vector{rows, columns / 2} : std::vector{count});
    fuzz::mayRefuse([&] {
        fuzz::requireRowsOfWhole(*makeSparseMatrix(
            input.source(), is24 ? SparseFormat::Bitmask24 : SparseFormat::Bitmask));
    });
    return 0;
}
