// A figure at every layer of the network, a line per variant.
#pragma once

#include "reports/figures/plot.h"

#include <string>
#include <vector>

namespace driftlens {

// `layers` names the places on the horizontal axis; every row has a value for each of them, or NaN
// where there is none. The largest value of each row is written beside its point.
std::string siteCurvesSvg(const std::vector<std::string>& layers,
                          const std::vector<NamedValues>& rows, const std::string& valueTitle,
                          const std::string& title);

}  // namespace driftlens
