// The strips of an explanation as one picture.
#pragma once

#include "engine/compare/explain.h"

#include <string>

namespace driftlens {

// One strip per method, each on its own scale, which its heading says; with groups a strip of
// these, too. Of more than 120 parts of the network those with the largest scores, in their order.
std::string explanationSvg(const Explanation& explanation);

}  // namespace driftlens
