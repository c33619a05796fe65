#include "engine/compare/threads.h"

#include "core/tensor.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace driftlens {
namespace {

// How many threads of other programs want a core now: of a few looks, the least.
int rivals() {
    constexpr int kLooks = 5;
    int least = std::numeric_limits<int>::max();
    for (int i = 0; i < kLooks; ++i) {
        if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        std::ifstream load("/proc/loadavg");
        double average = 0.0;
        int running = 0;
        if (!(load >> average >> average >> average >> running)) return 0;
        least = std::min(least, running - 1);
    }
    return std::max(0, least);
}

// libgomp's threads spin for 3 ms at the end of each loop before they sleep. Where another program
// has the core of one of them, the others spin in the way of the one that they wait for: an
// explanation that takes 2 s beside four busy programs on two cores took 13 s, and 46 s beside
// compilers. libgomp has no call for this and reads its environment before main, but it hardly
// spins while its teams have more threads than there are cores. So here are teams that sleep, as
// many as that takes: another for each `threads - 1` of the cores that one team leaves. Only where
// there are rivals: with free cores, threads that sleep at once take 1.4 times as long on gpt2, 2.7
// times on small models.
void makeRoomForRivals(int threads, int cores) {
    static std::once_flag once;
    std::call_once(once, [&] {
        if (threads < 2 || threads + rivals() <= cores) return;
        const int teams = (cores - std::min(threads, cores)) / (threads - 1) + 1;
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
    makeRoomForRivals(used, cores);
    return used;
}

}  // namespace driftlens
