// From a comparison of one example to the figures that are kept of it.
#pragma once

#include "engine/compare/comparison.h"
#include "engine/dataset/outcome.h"

namespace driftlens {

// Agreement over the tokens that are no special ones, or over the parts that both have.
MethodOutcome agreementOutcome(const Attribution& reference, const Attribution& variant,
                               const TokenizedInput& input);

VariantOutcome variantOutcome(const VariantResult& result, const TokenizedInput& input);

// Without number, line, label, slice and cluster, which the file gives.
ExampleOutcome exampleOutcome(const Comparison& comparison);

}  // namespace driftlens
