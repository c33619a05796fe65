// tokenizer_config.json, chat_template.json and chat_template.jinja.
#include "core/tokenizer/chat_templates.h"
#include "tests/fuzz/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    static const fuzz::Folder folder;
    constexpr std::array<const char*, 3> kNames = {"tokenizer_config.json", "chat_template.json",
                                                   "chat_template.jinja"};
    const auto files = fuzz::filesOf<kNames.size()>(fuzz::textOf(data, size));
    for (std::size_t i = 0; i < files.size(); ++i) folder.writeOrRemove(kNames[i], files[i]);
    fuzz::mayRefuse([&] {
        for (const auto& [name, text] : readChatTemplates(folder.path()))
            fuzz::require(isValidUtf8(name) && isValidUtf8(text), "templates are UTF-8");
    });
    return 0;
}
