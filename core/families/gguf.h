// GGUF files as models of the families: metadata to a spec, tensor names to canonical ones, and
// what llama.cpp's converter changes undone.
#pragma once

#include "core/files/gguf.h"
#include "core/model/spec.h"

#include <string>
#include <vector>

namespace driftlens {

// Where a parameter may lie in a GGUF file.
struct GgufSource {
    std::string name;
    std::int64_t firstRow = 0;          // of the tensor, whose leading dimensions count as rows
    std::int64_t rows = -1;             // -1: all of them
    std::int64_t interleavedHeads = 0;  // see RowSelection
};

// A spec from the metadata and from the shapes of tensors, which know sizes better. Throws
// Error(Unsupported) for an unknown general.architecture, by name, with the known ones;
// Error(InputFile) for contradictory metadata.
ModelSpec readGgufSpec(const GgufFile& file);

// Sources of a canonical parameter (see parametersOf), to be tried in order.
std::vector<GgufSource> ggufSources(const std::string& canonical, const ModelSpec& spec,
                                    const GgufFile& file);

// Names that are read into the spec or that the forward pass does not need.
bool isIgnoredGgufTensor(std::string_view name);

}  // namespace driftlens
