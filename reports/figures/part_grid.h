// Scores that belong to parts of the network as a grid: a row per layer.
#pragma once

#include "reports/figures/svg.h"
#include "xai/attribution.h"

#include <string>
#include <vector>

namespace driftlens {

// Columns are heads, positions (under their tokens) or modules. Parts outside the layers are left
// to tables. Empty where the parts form no grid (one layer, one column) or one of more than 48
// columns or 128 layers.
std::string partGridSvg(const Attribution& attribution, const std::vector<Token>& tokens);

}  // namespace driftlens
