// From a checkpoint folder to a Model: weights stay mapped, in their stored type.
#pragma once

#include "core/families/family.h"
#include "core/files/checkpoint.h"
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
    ParameterSource source;  // where in the stored tensor it lies
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

// A stored tensor as a view of the mapped file (a copy where it is not aligned for its type).
at::Tensor viewOf(const StoredTensor& stored);

at::ScalarType scalarTypeOf(ElementType type);  // throws Error(Unsupported)
ElementType elementTypeOf(at::ScalarType type);

}  // namespace driftlens
