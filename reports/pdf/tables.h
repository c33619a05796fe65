// Tables and facts. Private to reports/pdf.
#pragma once

#include "reports/layout/layout.h"

namespace driftlens::pdf {

class Canvas;

void setTable(Canvas& canvas, const Table& table);
void setFacts(Canvas& canvas, const FactTable& table);

// The height of what must not stand apart from a heading above it.
double leadOf(const Canvas& canvas, const Table& table);

}  // namespace driftlens::pdf
