#include "engine/compare/threads.h"

#include "core/tensor.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace driftlens {
namespace {

// libgomp's threads spin for 3 ms at the end of each loop before they sleep. Where another program
// has the core of one of them, the others spin in the way of the one that they wait for: an
// explanation that takes 1 s beside two busy programs on two cores took 46 s. libgomp has no call
// for this and reads its environment before main, but it hardly spins while its teams have more
// threads than there are cores. So here is a team that sleeps.
void keepSleepingTeam() {
    static std::once_flag once;
    std::call_once(once, [] {
        std::thread([] {
            at::ones({std::int64_t{1} << 18}).add_(1);  // large enough for LibTorch to use a team
            for (;;) ::pause();
        }).detach();
    });
}

}  // namespace

int applyThreads(int threads) {
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    const int used = threads > 0 ? threads : cores;
    at::set_num_threads(used);
    if (used > 1) keepSleepingTeam();
    return used;
}

}  // namespace driftlens
