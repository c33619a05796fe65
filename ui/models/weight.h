// How good or bad a statement is. Its word always stands beside the colour.
#pragma once

namespace driftlens {

enum class Weight { Neutral, Good, Caution, Bad };

}  // namespace driftlens
