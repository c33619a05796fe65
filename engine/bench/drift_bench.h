// What comparing variants costs, in explanations of the reference. Plain values, no LibTorch.
#pragma once

#include "engine/bench/bench.h"

namespace driftlens {

struct DriftCost {
    std::string method;  // with its settings
    std::int64_t tokens = 0, batch = 0;
    double explanationSeconds = 0.0;  // of the reference, once
    // With the first variant, the first two, …: outputs, insides and explanations of all models and
    // their agreement, without yardsticks. Models are in memory.
    std::vector<double> comparisonSeconds;
    // Seconds with all variants over those of as many explanations as there are models; the median
    // over turns, each of which times both.
    double overhead = 0.0;
};

struct DriftBenchResult {
    ModelIdentity reference;
    std::vector<ModelIdentity> variants;
    int threads = 0;
    std::vector<DriftCost> methods;
};

// Throws Error(Usage) for a length that the reference does not take, and what compareDataset() does
// for models that cannot be compared.
DriftBenchResult runDriftBench(const BenchRequest& request,
                               const std::vector<VariantSpec>& variants, const RunContext& context);

Json toJson(const DriftBenchResult& result);  // "driftlens/bench/1"

}  // namespace driftlens
