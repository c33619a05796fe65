#include "core/quantized/compressed_tensors.h"
#include "tests/fuzz/packed_input.h"

namespace driftlens {
namespace {

std::vector<std::byte> raw(const std::vector<std::int64_t>& values) {
    const auto bytes = std::as_bytes(std::span(values));
    return {bytes.begin(), bytes.end()};
}

void addPacked(fuzz::PackedInput& input, const CompressedTensorsSettings& settings,
               std::int64_t groups) {
    const auto [rows, columns] = input.size();
    const std::int64_t bits = settings.bits >= 1 && settings.bits <= 32 ? settings.bits : 4;
    const bool isDense = input.choice(2) == 0;
    const auto words = [&](std::int64_t codes) {
        return isDense ? (codes * bits + 31) / 32 : (codes + 32 / bits - 1) / (32 / bits);
    };
    input.add("weight_packed", ElementType::I32, {rows, words(columns)});
    input.add("weight_shape", ElementType::I64, {2}, raw({rows, columns}));
    if (!settings.symmetric)
        input.add("weight_zero_point", ElementType::I32, {words(rows), groups});
}

void addTensors(fuzz::PackedInput& input, const CompressedTensorsSettings& settings,
                std::int64_t groups) {
    using Format = CompressedTensorsFormat;
    const auto [rows, columns] = input.size();
    ElementType scale = input.choice(2) == 0 ? ElementType::F32 : ElementType::BF16;
    switch (settings.format) {
        case Format::PackQuantized:
            addPacked(input, settings, groups);
            break;
        case Format::IntQuantized:
            input.add("weight", ElementType::I8, {rows, columns});
            if (!settings.symmetric)
                input.add("weight_zero_point", ElementType::I8, {rows, groups});
            break;
        case Format::FloatQuantized:
            input.add("weight", ElementType::F8E4M3, {rows, columns});
            break;
        case Format::Nvfp4Pack:
            groups = columns / 16;
            scale = ElementType::F8E4M3;
            input.add("weight_packed", ElementType::U8, {rows, columns / 2});
            input.add("weight_global_scale", ElementType::F32, {1});
            break;
        case Format::Mxfp4Pack:
            groups = columns / 32;
            scale = ElementType::U8;
            input.add("weight_packed", ElementType::U8, {rows, columns / 2});
            break;
    }
    const bool isWhole = input.choice(4) == 3;
    input.add("weight_scale", scale,
              isWhole ? std::vector<std::int64_t>{1} : std::vector{rows, groups});
    if (input.choice(2) == 1) input.add("weight_g_idx", ElementType::I32, {columns});
}

}  // namespace
}  // namespace driftlens

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    fuzz::PackedInput input(data, size);
    CompressedTensorsSettings settings;
    settings.format = static_cast<CompressedTensorsFormat>(input.choice(5));
    settings.bits = static_cast<int>(input.choice(12)) - 1;
    settings.symmetric = input.choice(2) == 0;
    settings.groupSize = input.groupSize();
    const std::int64_t columns = input.size().columns;
    const std::int64_t group = settings.groupSize > 0 ? settings.groupSize : columns;
    addTensors(input, settings, columns / group + (columns % group != 0 ? 1 : 0));
    fuzz::mayRefuse(
        [&] { fuzz::requireRowsOfWhole(*makeCompressedTensorsMatrix(input.source(), settings)); });
    return 0;
}
