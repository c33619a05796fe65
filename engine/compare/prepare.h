// What explaining and comparing share.
#pragma once

#include "engine/compare/explain.h"

#include <functional>

namespace driftlens {

// Throws Error(Usage) for an empty prompt or one that is longer than the model's context.
TokenizedInput tokenizeRequest(const LoadedVariant& variant, const PromptRequest& request);

// Rows of a micro-batch: as asked, or planned from the memory for that prompt and what is forced
// behind it.
std::int64_t batchOf(const Model& model, std::int64_t tokens, const Target& target,
                     const ComputeOptions& options);

// The target's value, of the first result that explains what was asked: a method may explain the
// logit always.
double targetValueOf(const std::vector<Attribution>& results, const Target& target,
                     const LoadedVariant& variant, const TokenizedInput& input, ComputeType compute,
                     const RunContext& context);

// Integrated Gradients where nothing was asked.
std::vector<MethodRequest> methodsOrDefault(const PromptRequest& request);

// Models that are asked for one by one, so that they need not be in memory together.
struct ComparisonModels {
    const LoadedVariant& reference;
    std::size_t variants = 0;
    std::function<LoadedVariant(std::size_t)> variant = {};
    // Known from an earlier comparison of the same prompt; the target is not resolved again then,
    // nor the reference explained.
    std::optional<Target> target = {};
    const std::vector<Attribution>* referenceExplanations = nullptr;  // one per method
};

// A single prompt shows how well the reference repeats itself; of a data set a few examples do, and
// a variant that fails on one is on record with its reason.
enum class CompareMode { OnePrompt, OfDataSet };

// Throws Error(Usage) if the variant answers with other classes or another vocabulary.
void checkComparable(const LoadedVariant& reference, const LoadedVariant& variant);

// One prompt in these models. `request` outlives the call.
Comparison compareIn(const ComparisonModels& models, const PromptRequest& request, CompareMode mode,
                     const RunContext& context);

}  // namespace driftlens
