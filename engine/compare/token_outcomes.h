// What two causal language models say of every token of a text.
#pragma once

#include "core/base/run_context.h"
#include "core/model/compute.h"
#include "engine/drift/token_divergence.h"

#include <cstdint>
#include <vector>

namespace driftlens {

class Model;

inline constexpr std::int64_t kTokensAtOnce = 128;  // of 128 000 answers, 131 MB in float64

// One outcome per token behind the first, given those before it. Goes through the text in pieces
// with a cache, so that only a piece's predictions are in memory. Throws Error(Numeric) for a model
// whose predictions are not finite.
std::vector<TokenOutcome> tokenOutcomes(const Model& reference, const Model& variant,
                                        const std::vector<std::int64_t>& ids, ComputeType compute,
                                        const RunContext& context,
                                        std::int64_t tokensAtOnce = kTokensAtOnce);

}  // namespace driftlens
