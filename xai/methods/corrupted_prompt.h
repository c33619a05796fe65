// The prompt that patching methods contrast the prompt with.
#pragma once

#include "xai/methods/method.h"

namespace driftlens {

// Ids as the setting says (see the row `corrupted` of the patching methods): as many as the
// prompt's. Throws Error(Usage) where they are not.
std::vector<std::int64_t> corruptedIds(const MethodInput& in, const std::string& setting);

}  // namespace driftlens
