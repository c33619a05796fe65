#include "tests/fuzz/tokenizing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    fuzz::mayRefuse(
        [&] { fuzz::useTokenizer(*Tokenizer::fromJson(fuzz::textOf(data, size), "fuzzed")); });
    return 0;
}
