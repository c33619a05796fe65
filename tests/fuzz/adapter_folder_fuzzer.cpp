// adapter_config.json and adapter_model.safetensors of a PEFT folder.
#include "core/files/adapter_folder.h"
#include "tests/fuzz/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    static const fuzz::Folder folder;
    const auto [config, weights] = fuzz::filesOf<2>(fuzz::textOf(data, size));
    folder.write("adapter_config.json", config);
    folder.write("adapter_model.safetensors", weights);
    fuzz::mayRefuse([&] {
        const AdapterFolder adapter = AdapterFolder::open(folder.path());
        for (const auto& [name, tensor] : adapter.tensors()) {
            fuzz::mayRefuse([&] { adapter.config().rankOf(name, "fuzzed"); });
            fuzz::mayRefuse([&] { adapter.config().alphaOf(name, "fuzzed"); });
        }
    });
    return 0;
}
