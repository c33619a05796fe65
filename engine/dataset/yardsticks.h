// What a drift is held against, measured on a few examples of the reference in the same run: the
// reference against itself, other settings of the method, other precisions, and noise of the
// compression error's size.
#pragma once

#include "engine/compare/prepare.h"
#include "engine/dataset/aggregate.h"
#include "engine/dataset/checks.h"

#include <functional>

namespace driftlens {

inline constexpr std::size_t kYardstickExamples = 32;
inline constexpr std::size_t kNoiseDraws = 20;
inline constexpr std::size_t kValidityExamples = 8;

struct YardstickModels {
    const LoadedVariant& reference;
    const std::vector<LoadedVariant>& variants;
};

// Why no verdict may rest on a method, by its id: its explanations are no better than random orders
// or do not depend on the weights. Absent: it may.
struct YardstickResult {
    Yardsticks yardsticks;
    std::map<std::string, std::string> invalid;
    std::vector<MethodChecks> checks;  // what that rests on, of methods that score tokens
    std::vector<std::string> warnings;
};

// examples: prompts of rows that succeeded, as many as are to be used.
YardstickResult measureYardsticks(const YardstickModels& models,
                                  const std::vector<PromptRequest>& examples,
                                  const RunContext& context);

// The reference with noise on every Linear that the variant changed, of the change's norm; normal,
// by draw. Null with a reason where the variant is no reference with other weights.
struct NoisyReference {
    LoadedVariant model;
    std::string notApplicable;
};
NoisyReference noisyReference(const LoadedVariant& reference, const LoadedVariant& variant,
                              std::uint64_t seed, std::size_t draw);

}  // namespace driftlens
