// What is left of an answer while a text is taken apart, and while it is built up, in the order of
// an explanation.
#pragma once

#include <string>
#include <vector>

namespace driftlens {

// A model's values at evenly spaced shares of the text, from none to all of it.
struct RemovalRow {
    std::string name;
    std::vector<double> deletion;   // after that share was removed
    std::vector<double> insertion;  // with only that share kept
};

// The mean over the share, by the trapezoidal rule; NaN of fewer than two values, and where one is
// not finite.
double areaUnderCurve(const std::vector<double>& curve);

// Two plots side by side on one scale, with the areas under the curves below. Empty where no row
// has values.
std::string removalCurvesSvg(const std::vector<RemovalRow>& rows, const std::string& valueTitle,
                             const std::string& title);

}  // namespace driftlens
