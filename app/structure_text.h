// The drift of the network's insides for the terminal.
#pragma once

#include "engine/compare/comparison.h"

#include <string>

namespace driftlens {

// Two lines: the heads whose attention moved most, and where activations moved most.
std::string structureText(const StructureDrift& drift);

}  // namespace driftlens
