// How many cores an explanation takes.
#pragma once

namespace driftlens {

// Sets LibTorch's threads for the calling thread and those that it starts, 0: one for each core.
// Returns how many are used. Where other programs use the cores when it is first called, a thread
// that waits for another sleeps from then on instead of spinning.
int applyThreads(int threads);

}  // namespace driftlens
