#include "ui/models/held_log.h"

#include <thread>

namespace driftlens {

bool waitWhileHeld(const std::function<bool()>& isHeld, const std::function<void()>& say,
                   const RunContext& context, HeldPatience patience) {
    constexpr int kSaidAt = 2;
    auto left = patience.whole;
    for (int held = 1; isHeld(); ++held) {
        context.throwIfStopped();
        if (held == kSaidAt) say();
        if (left <= left.zero()) return false;
        std::this_thread::sleep_for(patience.step);
        left -= patience.step;
    }
    return true;
}

}  // namespace driftlens
