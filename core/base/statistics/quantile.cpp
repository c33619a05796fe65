#include "core/base/statistics/quantile.h"

#include "core/base/error.h"
#include "core/base/statistics/distributions.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace driftlens {

Figure quantile(std::span<const double> values, double probability) {
    if (!(probability >= 0.0 && probability <= 1.0)) {
        throw Error(ErrorKind::Usage,
                    "quantile: probability " + std::to_string(probability) + " is not in [0, 1]");
    }
    if (values.empty()) return undefinedFigure("no values");
    if (!allFinite(values)) return undefinedFigure("a value is not finite");
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    return finiteFigure(quantileOfSorted(sorted, probability));
}

double quantileOfSorted(std::span<const double> sorted, double probability) {
    const double position = probability * static_cast<double>(sorted.size() - 1);
    const double below = std::floor(position);
    const auto i = static_cast<std::size_t>(below);
    if (i + 1 >= sorted.size()) return sorted.back();
    return std::lerp(sorted[i], sorted[i + 1], position - below);
}

}  // namespace driftlens
