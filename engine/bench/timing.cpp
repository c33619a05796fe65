#include "engine/bench/timing.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace driftlens {

double secondsOf(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double medianSeconds(int repeat, const std::function<void()>& work) {
    work();
    std::vector<double> times;
    for (int i = 0; i < repeat; ++i) times.push_back(secondsOf(work));
    std::sort(times.begin(), times.end());
    const std::size_t middle = times.size() / 2;
    return times.size() % 2 == 1 ? times[middle] : 0.5 * (times[middle - 1] + times[middle]);
}

}  // namespace driftlens
