// How many cores an explanation takes.
#pragma once

namespace driftlens {

// Sets LibTorch's threads for the calling thread and those that it starts, 0: one for each core.
// Returns how many are used. Other programs may use the cores meanwhile: a thread that has nothing
// to do sleeps.
int applyThreads(int threads);

}  // namespace driftlens
