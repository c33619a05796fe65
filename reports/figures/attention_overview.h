// All attention maps of a model at a glance: a small matrix per layer and head.
#pragma once

#include "reports/figures/svg.h"
#include "xai/attribution.h"

#include <string>
#include <vector>

namespace driftlens {

// What a head does, in two numbers, each the mean over its queries.
struct HeadFigures {
    double effectiveKeys = 0.0;  // exp of the entropy: how many tokens it looks at
    double firstKey = 0.0;       // probability of the first column
};
HeadFigures headFigures(const AttentionMap& map);

// Rows are layers; columns the mean of the heads, then the heads. Under each matrix stands its
// effective number of keys. Long prompts are pooled: a cell is the probability that its queries
// give to its keys, in the mean over the queries.
std::string attentionOverviewSvg(const std::vector<AttentionMap>& maps);

}  // namespace driftlens
