// The vocabulary in a GGUF file, up to encoding a text with it.
#include "core/tokenizer/read_gguf_vocabulary.h"
#include "tests/fuzz/tokenizing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    fuzz::mayRefuse([&] {
        const GgufPart part = readGgufPart(fuzz::fileOf(data, size));
        fuzz::useTokenizer(*Tokenizer::fromGgufVocabulary(readGgufVocabulary(part.metadata)));
    });
    return 0;
}
