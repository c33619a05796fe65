#include "core/quantized/awq.h"
#include "tests/fuzz/packed_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    fuzz::PackedInput input(data, size);
    const auto [rows, columns] = input.size();
    AwqSettings settings;
    settings.bits = input.choice(8) == 7 ? 3 : 4;
    settings.groupSize = input.groupSize();
    settings.layout = static_cast<AwqLayout>(input.choice(2));
    const std::int64_t group = settings.groupSize > 0 ? settings.groupSize : columns;
    const std::int64_t groups = columns / group + (columns % group != 0 ? 1 : 0);
    if (settings.layout == AwqLayout::Gemm) {
        input.add("qweight", ElementType::I32, {columns, rows / 8});
        input.add("qzeros", ElementType::I32, {groups, rows / 8});
        input.add("scales", ElementType::F16, {groups, rows});
    } else {
        const std::int64_t width = (groups + 7) / 8 + input.choice(2);
        input.add("qweight", ElementType::I32, {rows, columns / 8});
        input.add("qzeros", ElementType::I32, {rows, width});
        input.add("scales", ElementType::F16, {rows, 8 * width});
    }
    fuzz::mayRefuse([&] { fuzz::requireRowsOfWhole(*makeAwqMatrix(input.source(), settings)); });
    return 0;
}
