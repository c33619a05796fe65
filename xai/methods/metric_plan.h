// Which metrics of an explanation are wanted, and over what.
#pragma once

#include "core/tokenizer/tokenizer.h"

#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Perturbed texts that infidelity is measured on.
inline constexpr std::size_t kInfidelityDraws = 64;

struct MetricPlan {
    std::string unit = "token";        // token, word or sentence: what is removed together
    std::string replace = "mask";      // and what takes its place (removal.h)
    std::vector<ByteRange> rationale;  // what people marked in the prompt; empty: nothing
    // Those that explain again: of inputs nearby, and of the model with its weights drawn anew.
    bool withReruns = false;
    std::size_t sensitivityDraws = 10;
    std::size_t cascadeSteps = 6;  // of the randomised weights
    bool withLimits = true;        // of AOPC, which cost the most evaluations
};

// "removal": those of removal; "all": those that explain again, too. Throws Error(Usage) for
// another word, as --metrics says it.
MetricPlan parseMetrics(std::string_view which);

// One line per metric for help and reports.
struct MetricInfo {
    std::string id, title, definition, better, paper;
};
std::vector<MetricInfo> explanationMetrics();

}  // namespace driftlens
