// Sizes of blocks that config.json cannot say: structured pruning leaves each block its own number
// of heads and its own MLP, under a config.json with one number for all (or BERT's pruned_heads).
#pragma once

#include "core/model/spec.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace driftlens {

// The shape [out, in] of a canonical weight that is stored as a tensor of its own; else empty.
using ShapeOfWeight = std::function<std::vector<std::int64_t>(const std::string& parameter)>;

// Takes heads, key/value heads and MLP size of every block from its tensors where all of them agree
// with one another and the blocks differ, which no config.json can say; head sizes stay. Elsewhere
// the configuration stands, and the loader will say which tensor contradicts it. Returns a line for
// the user, or "" if nothing changed.
std::string fitBlocksToTensors(ModelSpec& spec, const ShapeOfWeight& shapeOf);

}  // namespace driftlens
