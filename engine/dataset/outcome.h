// What one example of a data set gave, as plain values: small enough to keep for all of them.
#pragma once

#include "core/base/figure.h"

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

struct VariantOutcome {
    std::string failed;                      // why there is no result; then the rest is empty
    std::map<std::string, double> fidelity;  // "kl", "probability_change", "flip_rate" (0 or 1), …
    std::int64_t answer = 0;
    double confidence = 0.0;  // the probability of its own answer
    std::map<std::string, MethodOutcome> methods;
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
};

}  // namespace driftlens
