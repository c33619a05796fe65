// "name:key=value,…" as a person types it: what is accepted can be written down and read back.
#include "core/base/parameters.h"
#include "tests/fuzz/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    static constexpr std::array<ParameterInfo, 4> kTable = {{
        {"steps", ParameterKind::Integer, "8", 1, 100, "", "an integer"},
        {"share", ParameterKind::Number, "0.5", 0, 1, "", "a number"},
        {"kind", ParameterKind::Choice, "zero", 0, 0, "zero|mask", "a choice"},
        {"path", ParameterKind::Text, "", 0, 0, "a path", "a text"},
    }};
    fuzz::mayRefuse([&] {
        const NamedSettings read = parseNamedSettings(fuzz::textOf(data, size), "fuzzed");
        const auto again = parseNamedSettings(formatNamedSettings(read.name, read.settings), "");
        fuzz::require(again.name == read.name && again.settings == read.settings,
                      "settings read back");
        const ParameterSet set("fuzzed", kTable, read.settings);
        fuzz::require(set.integer("steps") >= 1 && set.integer("steps") <= 100, "in range");
        fuzz::require(set.number("share") >= 0 && set.number("share") <= 1, "in range");
    });
    return 0;
}
