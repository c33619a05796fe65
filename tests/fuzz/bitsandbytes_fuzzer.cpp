// LLM.int8, and NF4 and FP4 with the JSON beside them.
#include "core/base/json.h"
#include "core/quantized/bitsandbytes.h"
#include "tests/fuzz/packed_input.h"

namespace driftlens {
namespace {

void eightBits(fuzz::PackedInput& input) {
    const auto [rows, columns] = input.size();
    input.add("weight", ElementType::I8, {rows, columns});
    input.add("SCB", ElementType::F32, {rows});
    if (input.choice(2) == 1) input.add("weight_format", ElementType::U8, {1});
    fuzz::mayRefuse([&] { fuzz::requireRowsOfWhole(*makeBitsandbytes8Matrix(input.source())); });
}

void addState(fuzz::PackedInput& input, std::int64_t block, std::int64_t nestedBlock) {
    const char* type = input.choice(2) == 0 ? "nf4" : "fp4";
    constexpr std::array<const char*, 4> kTypes = {"float32", "float16", "bfloat16", "int8"};
    Json state = {{"quant_type", type},
                  {"blocksize", block},
                  {"dtype", kTypes[input.choice(kTypes.size())]},
                  {"shape", {input.size().rows, input.size().columns}}};
    if (nestedBlock > 0) {
        state["nested_blocksize"] = nestedBlock;
        state["nested_offset"] = 0.25;
    }
    const std::string text = state.dump();
    const auto bytes = std::as_bytes(std::span(text));
    input.add("weight.quant_state.bitsandbytes__" + std::string(type), ElementType::U8,
              {static_cast<std::int64_t>(text.size())}, {bytes.begin(), bytes.end()});
}

void fourBits(fuzz::PackedInput& input) {
    const std::int64_t elements = input.size().rows * input.size().columns;
    const std::int64_t block = 1 + input.choice(128);
    const std::int64_t blocks = (elements + block - 1) / block;
    const std::int64_t nestedBlock = input.choice(3) * 16;
    addState(input, block, nestedBlock);
    input.add("weight", ElementType::U8, {(elements + 1) / 2, 1});
    input.add("weight.quant_map", ElementType::F32, {16});
    input.add("weight.absmax", nestedBlock > 0 ? ElementType::U8 : ElementType::F32, {blocks});
    if (nestedBlock > 0) {
        input.add("weight.nested_quant_map", ElementType::F32, {256});
        input.add("weight.nested_absmax", ElementType::F32,
                  {(blocks + nestedBlock - 1) / nestedBlock});
    }
    fuzz::mayRefuse([&] { fuzz::requireRowsOfWhole(*makeBitsandbytes4Matrix(input.source())); });
}

}  // namespace
}  // namespace driftlens

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    driftlens::fuzz::PackedInput input(data, size);
    if (input.choice(4) == 3) {
        driftlens::eightBits(input);
    } else {
        driftlens::fourBits(input);
    }
    return 0;
}
