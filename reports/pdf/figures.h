// Figures of a report, as vectors. Private to reports/pdf.
#pragma once

#include "reports/layout/layout.h"

namespace driftlens::pdf {

class Canvas;

// Throws Error(Internal), naming the figure, for what is no SVG.
void setFigure(Canvas& canvas, const FigureBlock& figure);

// The height of title, figure and note, which stay together, with the figure as small as it may be.
double leadOf(const Canvas& canvas, const FigureBlock& figure);

}  // namespace driftlens::pdf
