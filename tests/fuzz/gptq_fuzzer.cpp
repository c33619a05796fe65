#include "core/quantized/gptq.h"
#include "tests/fuzz/packed_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    fuzz::PackedInput input(data, size);
    const auto [rows, columns] = input.size();
    constexpr std::array<int, 8> kBits = {4, 2, 3, 8, 5, 0, -4, 32};
    GptqSettings settings;
    settings.bits = kBits[input.choice(kBits.size())];
    settings.groupSize = input.groupSize();
    settings.zeros = static_cast<GptqZeros>(input.choice(3));
    const std::int64_t bits = settings.bits > 0 ? settings.bits : 1;
    const std::int64_t group = settings.groupSize > 0 ? settings.groupSize : columns;
    const std::int64_t groups = columns / group + (columns % group != 0 ? 1 : 0);
    input.add("qweight", ElementType::I32, {columns * bits / 32, rows});
    input.add("qzeros", ElementType::I32, {groups, rows * bits / 32});
    input.add("scales", input.choice(2) == 0 ? ElementType::F32 : ElementType::F16, {groups, rows});
    if (input.choice(2) == 1) input.add("g_idx", ElementType::I32, {columns});
    fuzz::mayRefuse([&] { hasAmbiguousZeros(input.source(), settings); });
    fuzz::mayRefuse([&] { fuzz::requireRowsOfWhole(*makeGptqMatrix(input.source(), settings)); });
    return 0;
}
