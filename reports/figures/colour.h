// The colours of figures, which people with any colour vision can tell apart.
#pragma once

#include <string>

namespace driftlens {

// "rgb(…)" for a signed score: white at 0, orange for positive, blue for negative, full at ±scale.
std::string divergingColour(double score, double scale);

// For a share in [0, 1] (clamped): light yellow to dark blue, darker for more.
std::string sequentialColour(double share);

// Black or white, whichever is readable on sequentialColour(share).
std::string inkOn(double share);

}  // namespace driftlens
