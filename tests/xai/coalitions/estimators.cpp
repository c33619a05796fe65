#include "tests/xai/coalitions/estimators.h"

#include "xai/coalitions/exact.h"
#include "xai/coalitions/kernel_shap.h"
#include "xai/coalitions/kriging.h"
#include "xai/coalitions/leverage_shap.h"
#include "xai/coalitions/owen.h"
#include "xai/coalitions/permutation.h"

#include <utility>

namespace driftlens::coalitions {
namespace {

std::vector<PlayerValues> exact(Evaluator& evaluator, const SamplingPlan&) {
    return exactShapley(evaluator);
}

std::vector<PlayerValues> antithetic(Evaluator& evaluator, const SamplingPlan& plan) {
    return samplePermutations(evaluator, plan, true);
}

std::vector<PlayerValues> plain(Evaluator& evaluator, const SamplingPlan& plan) {
    return samplePermutations(evaluator, plan, false);
}

std::vector<PlayerValues> owen(Evaluator& evaluator, const SamplingPlan&) {
    std::vector<PlayerValues> out;
    for (OwenValues& values : owenValues(evaluator, balancedHierarchy(evaluator.players()))) {
        out.push_back(std::move(values.players));
    }
    return out;
}

}  // namespace

std::vector<EstimatorRow> estimators() {
    return {{"exact", &exact, false},
            {"owen", &owen, false, 1e-12, 0, false},
            {"kriged_shapley", &krigedShapley},
            {"kernel_shap", &kernelShap},
            {"leverage_shap", &leverageShap},
            {"permutation", &antithetic, true, 1e-12, 160},
            {"permutation_plain", &plain, true, 1e-12, 160},
            {"captum_kernel_shap", &captumKernelShap, true, 1e-3}};
}

std::vector<EstimatorRow> sampledEstimators() {
    std::vector<EstimatorRow> out = estimators();
    std::erase_if(out, [](const EstimatorRow& row) { return !row.isSampled; });
    return out;
}

}  // namespace driftlens::coalitions
