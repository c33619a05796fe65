// Continuing a text with a causal model.
#pragma once

#include "core/model/model.h"

#include <cstdint>
#include <vector>

namespace driftlens {

struct GenerateRequest {
    std::vector<std::int64_t> ids;  // at least one
    std::int64_t newTokens = 20;
    bool stopAtEnd = true;  // at the model's end-of-text token
    bool useCache = true;
    at::ScalarType compute = at::kFloat;
};

// The greedy continuation (ties go to the lower id), without the prompt. Ends early at the end
// token or when the model's positions are used up. Throws Error(Usage) for a classifier or an
// empty prompt.
std::vector<std::int64_t> generateGreedy(const Model& model, const GenerateRequest& request,
                                         const RunContext& context);

}  // namespace driftlens
