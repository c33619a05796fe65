#include "reports/pdf/columns.h"

#include <algorithm>

namespace driftlens::pdf {

std::vector<double> columnWidths(const std::vector<ColumnNeed>& needs, double width) {
    double least = 0.0;
    double natural = 0.0;
    for (const ColumnNeed& need : needs) {
        least += need.least;
        natural += need.natural;
    }
    std::vector<double> out;
    const double wanted = natural - least;
    const double share = wanted <= 0.0 ? 0.0 : std::clamp((width - least) / wanted, 0.0, 1.0);
    const double shrink = least > width ? width / least : 1.0;
    for (const ColumnNeed& need : needs)
        out.push_back(shrink * (need.least + share * (need.natural - need.least)));
    return out;
}

std::vector<std::vector<std::size_t>> columnBands(const std::vector<ColumnNeed>& needs,
                                                  double width) {
    std::vector<std::vector<std::size_t>> out;
    double used = 0.0;
    for (std::size_t i = 0; i < needs.size(); ++i) {
        const bool isFull = !out.empty() && used + needs[i].least > width && out.back().size() > 1;
        if (out.empty() || isFull) {
            out.emplace_back();
            used = 0.0;
            if (i > 0) {
                out.back().push_back(0);
                used = needs.front().least;
            }
        }
        out.back().push_back(i);
        used += needs[i].least;
    }
    return out;
}

}  // namespace driftlens::pdf
