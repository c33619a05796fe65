// Continuations of prompts, as text.
#pragma once

#include "core/model/sampling.h"
#include "engine/variants/variant.h"

#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

struct GenerationRequest {
    std::vector<std::string> prompts;
    std::vector<std::vector<std::int64_t>> ids;  // more prompts, as token ids
    std::int64_t newTokens = 20;                 // at most, per prompt
    bool stopAtEnd = true;
    SamplingOptions sampling;  // the seed is the one of `compute`
    ComputeOptions compute;
};

struct GeneratedText {
    std::vector<std::int64_t> promptIds, ids;  // ids: the added ones
    std::string text;                          // without special tokens
    std::string_view stop;                     // "end_of_text", "length" or "context"
};

// One continuation per prompt: first those of `prompts`, then those of `ids`; one batch. Throws as
// tokenizeRequest and generate do.
std::vector<GeneratedText> generateTexts(const VariantSpec& model, const GenerationRequest& request,
                                         const RunContext& context);

}  // namespace driftlens
