// Folders without tokenizer.json: tokenizer_config.json, vocab.txt, vocab.json, merges.txt,
// special_tokens_map.json.
#include "tests/fuzz/tokenizing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    static const fuzz::Folder folder;
    constexpr std::array<const char*, 5> kNames = {"tokenizer_config.json", "vocab.txt",
                                                   "vocab.json", "merges.txt",
                                                   "special_tokens_map.json"};
    const auto files = fuzz::filesOf<kNames.size()>(fuzz::textOf(data, size));
    for (std::size_t i = 0; i < files.size(); ++i) folder.writeOrRemove(kNames[i], files[i]);
    fuzz::mayRefuse([&] { fuzz::useTokenizer(*Tokenizer::load(folder.path())); });
    return 0;
}
