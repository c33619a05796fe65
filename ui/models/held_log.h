// Waiting for a log that somebody else has locked.
#pragma once

#include "core/base/run_context.h"

#include <chrono>
#include <functional>

namespace driftlens {

struct HeldPatience {
    std::chrono::milliseconds whole{5000}, step{100};
};

// Asks `isHeld` a step at a time until it says no; false if it still says yes when the patience is
// over. `say` is called once, from the second yes on: the first may be this very program, which
// locks its log for the moment that it writes a record. Throws Error(Cancelled) as the context
// does.
bool waitWhileHeld(const std::function<bool()>& isHeld, const std::function<void()>& say,
                   const RunContext& context, HeldPatience patience = {});

}  // namespace driftlens
