// config.json and model.safetensors.index.json of a folder with two shards of one tensor each.
#include "core/files/checkpoint.h"
#include "tests/fuzz/fuzzing.h"

namespace driftlens {
namespace {

class ShardedFolder : public fuzz::Folder {
public:
    ShardedFolder() {
        for (const char* name : {"a", "b"}) {
            const std::array<std::byte, 2> bytes{};
            writeSafetensors(path() / (std::string(name) + ".safetensors"),
                             {{name, ElementType::U8, {2}, bytes}});
        }
    }
};

}  // namespace
}  // namespace driftlens

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    static const ShardedFolder folder;
    const auto [index, config] = fuzz::filesOf<2>(fuzz::textOf(data, size));
    folder.write("model.safetensors.index.json", index);
    folder.write("config.json", config.empty() ? "{}" : config);
    fuzz::mayRefuse([&] {
        const auto checkpoint = Checkpoint::open(folder.path());
        for (const auto& [name, tensor] : checkpoint.tensors())
            fuzz::require(tensor.file->path().parent_path() == folder.path(), "shards are inside");
    });
    return 0;
}
