// Where a variant's text leaves the reference's, and why there.
#pragma once

#include "engine/compare/explain.h"

#include <optional>
#include <string>
#include <vector>

namespace driftlens {

struct FlipPoint {
    ModelIdentity variant;
    std::size_t tokensAlike = 0;  // of the continuation, before they part
    std::string textAlike;
    // At the first token that differs: the contrast "reference's token minus variant's token" in
    // both models. Nothing if the variant continues as the reference does.
    std::optional<Comparison> comparison;
};

struct FlipPoints {
    ModelIdentity reference;
    std::string continuation;  // of the reference, greedy
    std::size_t tokens = 0;
    std::vector<FlipPoint> variants;
};

// Each flip is logged as a comparison of its own. Throws Error(Usage) for models that continue no
// texts.
FlipPoints findFlipPoints(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                          const PromptRequest& request, std::int64_t newTokens, AuditLog* log,
                          const RunContext& context);

Json toJson(const FlipPoints& points);

}  // namespace driftlens
