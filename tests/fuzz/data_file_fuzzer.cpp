// Data sets of every format, the first byte says which: what is accepted is text.
#include "core/files/data_file.h"
#include "tests/fuzz/fuzzing.h"

#include <sstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    constexpr DataFormat kFormats[] = {DataFormat::Csv, DataFormat::JsonLines, DataFormat::Text};
    constexpr std::size_t kMostBytes = 256;
    const std::string_view bytes = fuzz::textOf(data, size);
    const DataFormat format = kFormats[bytes.empty() ? 0 : data[0] % 3];
    auto stream = std::make_unique<std::istringstream>(std::string(bytes.substr(!bytes.empty())));
    fuzz::mayRefuse([&] {
        DataFile file(std::move(stream), "fuzzed", format, {}, kMostBytes);
        std::uint64_t rows = 0, line = 0;
        while (const std::optional<DataRow> row = file.next()) {
            fuzz::require(row->number == rows++, "rows are counted");
            fuzz::require(row->line > line, "lines rise");
            fuzz::require(!row->text.empty() && isValidUtf8(row->text), "a text is text");
            fuzz::require(row->text.size() <= kMostBytes, "a row is bounded");
            fuzz::require(!row->label || isValidUtf8(*row->label), "a label is text");
            line = row->line;
        }
    });
    return 0;
}
