// Change of the answer against change of the reasons, a point per example.
#pragma once

#include "reports/figures/plot.h"

#include <string>
#include <vector>

namespace driftlens {

struct ScatterPoint {
    double output = 0.0;   // change of the output
    double reasons = 0.0;  // drift of the explanation, 0 without
    bool isFlip = false;
};

// Circles keep the answer, full squares change it; a line at the margin of the reasons, and in
// words how many examples stand in each of the four groups. At most 2 000 points are drawn, the
// rest counted.
std::string quadrantScatterSvg(const std::vector<ScatterPoint>& points, double margin,
                               const std::string& outputTitle, const std::string& reasonsTitle,
                               const std::string& title);

}  // namespace driftlens
