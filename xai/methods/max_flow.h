// Maximum flow through a stack of attention matrices.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace driftlens {

// Nodes (layer, column); an edge from (l + 1, i) to (l, j) of capacity capacities[l][i·columns +
// j].
class LayeredNetwork {
public:
    LayeredNetwork(std::int64_t columns, std::vector<std::vector<double>> capacities);

    // From the top layer's column to an input column (Boykov and Kolmogorov 2004, through Boost).
    double maxFlow(std::int64_t top, std::int64_t input) const;

private:
    std::int64_t m_columns;
    std::vector<std::vector<double>> m_capacities;
};

}  // namespace driftlens
