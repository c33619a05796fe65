// How all pages look: on screens, narrow screens and paper. Dark on light; every colour of text has
// a contrast of at least 4.5 with its ground.
#pragma once

namespace driftlens {

extern const char* const kPageStyle;

}  // namespace driftlens
