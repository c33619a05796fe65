// Wall-clock times of work.
#pragma once

#include <functional>
#include <vector>

namespace driftlens {

double secondsOf(const std::function<void()>& work);

// Of at least one value; the mean of the middle two of an even number.
double medianOf(std::vector<double> values);

// The median of `repeat` runs after one that warms caches and pages.
double medianSeconds(int repeat, const std::function<void()>& work);

}  // namespace driftlens
