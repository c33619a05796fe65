// What measuring an explanation really took, for tests that do not see LibTorch.
#pragma once

#include "xai/methods/metric_plan.h"

#include <cstddef>
#include <cstdint>

namespace driftlens {

struct MeasuredPasses {
    std::int64_t units = 0, passes = 0;
};

// Measures an explanation of so many words by the model of the sentiment sample.
MeasuredPasses measuredPasses(std::size_t words, const MetricPlan& plan);

}  // namespace driftlens
