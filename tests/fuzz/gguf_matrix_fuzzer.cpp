#include "core/quantized/gguf_matrix.h"
#include "tests/fuzz/packed_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    const auto file = fuzz::fileOf(data, size);
    fuzz::mayRefuse([&] {
        for (const GgufTensor& tensor : readGgufPart(file).tensors)
            fuzz::mayRefuse([&] { fuzz::requireRowsOfWhole(*makeGgufMatrix(tensor)); });
    });
    return 0;
}
