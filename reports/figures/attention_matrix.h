// An attention map as a matrix: a row per query, a column per key.
#pragma once

#include "reports/figures/svg.h"
#include "xai/attribution.h"

#include <string>
#include <vector>

namespace driftlens {

// The tokens that stand at the rows and columns of an attribution's maps: the virtual ones first.
std::vector<Token> attentionLabels(const Attribution& attribution,
                                   const std::vector<Token>& tokens);

// "layer 3, head 5", "layer 3, mean of heads".
std::string attentionMapName(const AttentionMap& map);

// The mean over the layers' means; its layer is -1. Nothing of an attribution without maps.
std::vector<AttentionMap> meanOverLayers(const std::vector<AttentionMap>& maps);

// Cells darken to the largest value of the map, with a legend; up to 24 tokens they print their
// percentage. Each says its value where the pointer rests. Rows that are keys alone are left out;
// of more than 48 tokens the middle ones, which the figure says. `labels` has one token per column.
std::string attentionMatrixSvg(const AttentionMap& map, const std::vector<Token>& labels);

// One head in two models, on one scale of colours: side by side if that is not too wide, else one
// under the other.
struct NamedMap {
    std::string name;  // above its matrix
    AttentionMap map;
};
std::string attentionPairSvg(const NamedMap& before, const NamedMap& after,
                             const std::vector<Token>& labels, const std::string& title);

}  // namespace driftlens
