// Whether the explanations of a data set can be trusted: what was measured on a few examples, for
// people to see. The verdicts go by the same figures (yardsticks.h).
#pragma once

#include "core/base/json.h"
#include "engine/compare/prepare.h"

#include <array>
#include <string>
#include <vector>

namespace driftlens {

// Shares of a text that are removed, or kept.
inline constexpr std::array<double, 11> kRemovedShares = {0.0, 0.1, 0.2, 0.3, 0.4, 0.5,
                                                          0.6, 0.7, 0.8, 0.9, 1.0};

// Means over examples at kRemovedShares, each model in the order of its own explanations.
struct MeanCurves {
    std::string model;
    RemovalCurves curves;  // empty where there is a reason
    std::size_t examples = 0;
    std::string reason;
};

struct MethodChecks {
    std::string method;
    std::vector<double> aboveRandom, randomised;  // of the reference, a value per example
    std::vector<MeanCurves> curves;               // the reference first
};

// One method of one model on examples whose target is given. A model that cuts a text into other
// tokens than the reference is not measured on it.
struct CheckedExample {
    const PromptRequest& request;
    const TokenizedInput& input;
    const Target& target;
    std::int64_t batch = 1;
    const Attribution* known = nullptr;  // the model's explanation, where it was computed before
};
MeanCurves meanRemovalCurves(const LoadedVariant& model, const MethodRequest& method,
                             const std::vector<CheckedExample>& examples,
                             const RunContext& context);

// A curve over k = 0 … units at kRemovedShares, between its points by straight lines.
std::vector<double> atRemovedShares(const std::vector<double>& curve);

// [{method, above_random[], randomised_weights[], shares[], curves[{model, examples, deletion[],
// insertion[], reason}]}]
Json toJson(const std::vector<MethodChecks>& checks);

}  // namespace driftlens
