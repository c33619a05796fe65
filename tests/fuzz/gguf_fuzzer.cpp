// A single GGUF file, as it is inspected: every value is asked for, every weight is looked at.
#include "core/files/gguf.h"
#include "tests/fuzz/fuzzing.h"

namespace driftlens {
namespace {

void readValue(const GgufMetadata& metadata, std::string_view key, const GgufValue& value) {
    const std::string name(key);
    if (value.type != GgufType::Array) {
        fuzz::mayRefuse([&] { metadata.integer(name); });
        fuzz::mayRefuse([&] { metadata.number(name); });
        fuzz::mayRefuse([&] { metadata.text(name); });
        return;
    }
    fuzz::mayRefuse([&] { metadata.integers(name); });
    fuzz::mayRefuse([&] { metadata.floats(name); });
    fuzz::mayRefuse([&] { metadata.booleans(name); });
    fuzz::mayRefuse([&] { metadata.texts(name); });
}

}  // namespace
}  // namespace driftlens

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    const auto file = fuzz::fileOf(data, size);
    fuzz::mayRefuse([&] {
        const GgufPart part = readGgufPart(file);
        std::vector<std::span<const std::byte>> tensors;
        for (const GgufTensor& tensor : part.tensors) tensors.push_back(tensor.bytes);
        fuzz::requireDisjoint(std::move(tensors), file->bytes());
        for (const auto& [key, value] : part.metadata.values())
            readValue(part.metadata, key, value);
        for (const GgufTensor& tensor : part.tensors)
            fuzz::mayRefuse([&] { tensor.checkIsFinite(); });
    });
    return 0;
}
