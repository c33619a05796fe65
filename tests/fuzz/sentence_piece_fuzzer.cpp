// tokenizer.model, up to encoding a text with it.
#include "core/tokenizer/sentence_piece.h"
#include "tests/fuzz/tokenizing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    fuzz::mayRefuse([&] {
        const auto pieces = readSentencePieceModel(fuzz::textOf(data, size), "fuzzed");
        fuzz::useTokenizer(*Tokenizer::fromGgufVocabulary(pieces));
    });
    return 0;
}
