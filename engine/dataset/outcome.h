// What one example of a data set gave, as plain values: small enough to keep for all of them.
#pragma once

#include "core/base/figure.h"
#include "engine/drift/token_divergence.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

// Agreement figures by metric ("spearman", "jaccard@5") of one method on one variant.
struct MethodOutcome {
    std::map<std::string, Figure> raw, byChance;
    bool hasConverged = true;  // both explanations
};

// Groups of figures that stand beside the methods: how attention and activations changed.
inline constexpr std::array<const char*, 2> kInsideGroups = {"attention_maps", "activations"};

struct VariantOutcome {
    std::string failed;                      // why there is no result; then the rest is empty
    std::map<std::string, double> fidelity;  // "kl", "probability_change", "flip_rate" (0 or 1), …
    std::int64_t answer = 0;
    double confidence = 0.0;                       // the probability of its own answer
    std::map<std::string, MethodOutcome> methods;  // and kInsideGroups
    std::vector<TokenOutcome> tokens;              // behind the first, if asked
};

struct ExampleOutcome {
    std::uint64_t number = 0;           // of the row, from 0
    std::uint64_t line = 0;             // where it begins in the file
    std::string failed;                 // why the reference gave no result
    std::optional<std::int64_t> label;  // as an answer of the reference
    std::string slice, cluster;
    std::int64_t answer = 0;  // the reference's
    double confidence = 0.0;  // the probability of it
    double margin = 0.0;      // its log-probability minus that of the next best
    std::vector<VariantOutcome> variants;
    // Of checkpoints in a row: the second variant against the first, and so on.
    std::vector<VariantOutcome> fromPrevious;
};

}  // namespace driftlens
