// The blocks of a section. Private to reports/pdf.
#pragma once

#include "reports/layout/layout.h"

namespace driftlens::pdf {

class Canvas;

// All but subheadings, which the writer sets together with the outline.
void setBlock(Canvas& canvas, const Block& block);

// The height of a block's beginning, which a heading above it keeps with it.
double leadOf(const Canvas& canvas, const Block& block);

// A callout with a text of at most `maxLines` lines (0: whole).
void setCallout(Canvas& canvas, const Callout& callout, int maxLines = 0);
double calloutHeight(const Canvas& canvas, const Callout& callout, int maxLines = 0);

}  // namespace driftlens::pdf
