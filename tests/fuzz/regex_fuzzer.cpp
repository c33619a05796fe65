// A pattern on the first line, a text after it.
#include "core/tokenizer/regex.h"
#include "tests/fuzz/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    const std::string_view input = fuzz::textOf(data, size);
    if (!isValidUtf8(input)) return 0;  // JSON, where patterns come from, is UTF-8
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view text = input.substr(std::min(end + 1, input.size()));
    fuzz::mayRefuse([&] {
        std::vector<Match> matches;
        Regex(input.substr(0, end), "fuzzed").findAll(text, matches);
        std::size_t last = 0;
        for (const Match& match : matches) {
            fuzz::require(
                last <= match.begin && match.begin <= match.end && match.end <= text.size(),
                "matches follow each other in the text");
            fuzz::require(isValidUtf8(text.substr(match.begin, match.end - match.begin)),
                          "matches are whole characters");
            last = match.end;
        }
    });
    return 0;
}
