// Any text as JSON: what is accepted is read back as the same value.
#include "core/base/json.h"
#include "tests/fuzz/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    for (const bool allowsHuge : {false, true}) {
        fuzz::mayRefuse([&] {
            JsonLimits limits;
            limits.allowHugeIntegers = allowsHuge;
            const Json value = parseJson(fuzz::textOf(data, size), "fuzzed", limits);
            fuzz::require(parseJson(value.dump(), "dumped", limits) == value, "JSON reads back");
        });
    }
    return 0;
}
