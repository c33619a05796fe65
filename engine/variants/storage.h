// How a model is stored, part by part.
#pragma once

#include "core/base/run_context.h"
#include "engine/compare/comparison.h"

#include <vector>

namespace driftlens {

class Model;

// In the order of the forward pass. Zeros are counted in the blocks' matrices that are stored as
// floats, in one pass over them as they lie in memory; nothing is unpacked or converted. Throws
// Error(Cancelled) if the context was stopped.
std::vector<StoredPart> storageOf(const Model& model, const RunContext& context);

}  // namespace driftlens
