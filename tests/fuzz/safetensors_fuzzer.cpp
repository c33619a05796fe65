#include "core/files/safetensors.h"
#include "tests/fuzz/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace driftlens;
    const auto file = fuzz::fileOf(data, size);
    fuzz::mayRefuse([&] {
        std::vector<std::span<const std::byte>> tensors;
        for (const StoredTensor& tensor : readSafetensors(file).tensors) {
            tensors.push_back(tensor.bytes);
            fuzz::require(
                static_cast<std::size_t>(tensor.elementCount()) * elementBytes(tensor.type) ==
                    tensor.bytes.size(),
                "a tensor's bytes are those of its shape");
        }
        fuzz::requireDisjoint(std::move(tensors), file->bytes());
    });
    return 0;
}
