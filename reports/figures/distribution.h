// How a figure is spread over the examples of a data set.
#pragma once

#include "reports/figures/plot.h"

#include <string>
#include <vector>

namespace driftlens {

// A histogram per row on shared bins (the count stands above each bar), then the share of examples
// at or below each value (ECDF) for all rows. Values that are not finite are left out. Empty where
// there is no value at all.
std::string distributionSvg(const std::vector<NamedValues>& rows, const std::string& axisTitle,
                            const std::string& title);

}  // namespace driftlens
