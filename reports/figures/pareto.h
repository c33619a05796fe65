// Size against drift: which variants are worth their bytes.
#pragma once

#include "reports/figures/plot.h"

#include <optional>
#include <string>
#include <vector>

namespace driftlens {

struct ParetoPoint {
    std::string name;
    double bytes = 0.0;
    double drift = 0.0;
    std::optional<double> low, high;  // of the drift's interval
};

// Those that no other point beats in both: full markers, the others are hollow. Every point has its
// name and numbers beside it in the legend.
std::vector<bool> paretoFront(const std::vector<ParetoPoint>& points);
std::string paretoSvg(const std::vector<ParetoPoint>& points, const std::string& driftTitle,
                      const std::string& title);

}  // namespace driftlens
