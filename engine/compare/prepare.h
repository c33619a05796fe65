// What explaining and comparing share.
#pragma once

#include "engine/compare/explain.h"

namespace driftlens {

// Throws Error(Usage) for an empty prompt or one that is longer than the model's context.
TokenizedInput tokenizeRequest(const LoadedVariant& variant, const PromptRequest& request);

// Rows of a micro-batch: as asked, or planned from the memory.
std::int64_t batchOf(const Model& model, std::int64_t tokens, const ComputeOptions& options);

// The target's value, of the first result that explains what was asked: a method may explain the
// logit always.
double targetValueOf(const std::vector<Attribution>& results, const Target& target,
                     const LoadedVariant& variant, const TokenizedInput& input, ComputeType compute,
                     const RunContext& context);

// Integrated Gradients where nothing was asked.
std::vector<MethodRequest> methodsOrDefault(const PromptRequest& request);

}  // namespace driftlens
