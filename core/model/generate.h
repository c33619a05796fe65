// Continuing texts with a causal model.
#pragma once

#include "core/model/model.h"
#include "core/model/sampling.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace driftlens {

struct GenerateRequest {
    std::vector<std::vector<std::int64_t>> prompts;  // at least one token each
    std::int64_t newTokens = 20;                     // at most, per prompt
    bool stopAtEnd = true;                           // at one of the model's end-of-text tokens
    bool useCache = true;
    SamplingOptions sampling;
    at::ScalarType compute = at::kFloat;
};

enum class StopReason { EndOfText, Length, Context };  // Context: no position is left
std::string_view stopReasonName(StopReason reason);

struct GeneratedTokens {
    std::vector<std::int64_t> ids;  // without the prompt, with the end-of-text token
    StopReason reason = StopReason::Length;
};

// One continuation per prompt, computed as one left-padded batch: what a prompt gives does not
// depend on the others (but for roundings). Throws Error(Usage) for a model that continues no
// texts, an empty prompt, a wrong sampling option or a prompt longer than the model's positions.
std::vector<GeneratedTokens> generate(const Model& model, const GenerateRequest& request,
                                      const RunContext& context);

}  // namespace driftlens
