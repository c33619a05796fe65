// Which of two variants drifts more, of every pair.
#pragma once

#include "engine/dataset/aggregate.h"

#include <vector>

namespace driftlens {

// By the plan's primary metric, per method.
std::vector<VariantDifference> differencesOf(const std::vector<ExampleOutcome>& outcomes,
                                             std::size_t variants, const AggregatePlan& plan,
                                             const RunContext& context);

}  // namespace driftlens
