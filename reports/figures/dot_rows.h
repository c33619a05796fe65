// Values in [−1, 1] as dots, a row per name: correlations.
#pragma once

#include <string>
#include <vector>

namespace driftlens {

struct DotRow {
    std::string name;
    // Values of each kind, with a marker of its own. What is not finite is left out.
    std::vector<std::vector<double>> kinds;
    std::string note;  // at the end of the row: "mean 0.12"
};

// A dashed line stands at `limit`, with what lies beyond it. Empty where there are no rows.
std::string dotRowsSvg(const std::vector<DotRow>& rows, const std::vector<std::string>& kindNames,
                       double limit, const std::string& limitText, const std::string& axisTitle,
                       const std::string& title);

}  // namespace driftlens
