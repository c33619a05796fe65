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
// threads than there are cores. So here are teams that sleep, as many as that takes: another for
// each `threads - 1` of the cores that one team leaves. Where that is many, most cores are free.
void keepSleepingTeams(int threads, int cores) {
    static std::once_flag once;
    if (threads < 2 || 2 * threads < cores) return;
    const int teams = (cores - std::min(threads, cores)) / (threads - 1) + 1;
    std::call_once(once, [teams] {
        for (int i = 0; i < teams; ++i) {
            std::thread([] {
                // Large enough for LibTorch to use a team.
                at::ones({std::int64_t{1} << 18}).add_(1);
                for (;;) ::pause();
            }).detach();
        }
    });
}

}  // namespace

int applyThreads(int threads) {
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    const int used = threads > 0 ? threads : cores;
    at::set_num_threads(used);
    keepSleepingTeams(used, cores);
    return used;
}

}  // namespace driftlens
