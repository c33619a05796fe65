// Wall-clock times of work.
#pragma once

#include <functional>

namespace driftlens {

double secondsOf(const std::function<void()>& work);

// The median of `repeat` runs after one that warms caches and pages.
double medianSeconds(int repeat, const std::function<void()>& work);

}  // namespace driftlens
