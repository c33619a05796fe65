// From a checkpoint folder or a GGUF file to a Model: weights stay mapped, in their stored type.
#pragma once

#include "core/families/family.h"
#include "core/files/checkpoint.h"
#include "core/files/gguf.h"
#include "core/model/model.h"

#include <memory>
#include <string>
#include <vector>

namespace driftlens {

// One row of what inspect shows: a parameter and where it came from.
struct LoadedParameter {
    std::string canonical;
    std::string checkpointName;
    std::string storedAs;  // element type in the file
    std::vector<std::int64_t> shape;
    ParameterSource source;                      // where in the stored tensor it lies …
    std::vector<std::int64_t> storedShape = {};  // … whose shape is this, were it stored as floats
};

struct LoadedModel {
    std::shared_ptr<const Model> model;
    std::vector<LoadedParameter> parameters;
    std::vector<std::string> unused;  // tensors of the checkpoint that nothing reads
    std::vector<std::string> warnings;
};

// Throws Error(InputFile) naming the tensor for a missing one or a shape that disagrees with
// config.json; Error(Unsupported) for a family or element type outside this program.
LoadedModel loadModel(const Checkpoint& checkpoint);

// From a GGUF file: weights in blocks stay as they lie in the file.
LoadedModel loadModel(const GgufFile& file);

// Shared by the two. Throws Error(InputFile) with all missing parameters in one line, if any.
void refuseMissing(const std::string& where, const std::vector<std::string>& missing);
void warnOfUnused(LoadedModel& model);

// A stored tensor as a view of the mapped file (a copy where it is not aligned for its type).
at::Tensor viewOf(const StoredTensor& stored);

at::ScalarType scalarTypeOf(ElementType type);  // throws Error(Unsupported)
ElementType elementTypeOf(at::ScalarType type);

// A tensor as writeSafetensors takes it: borrows its bytes, which must be contiguous.
TensorToWrite tensorToWrite(const std::string& name, const at::Tensor& tensor);

}  // namespace driftlens
