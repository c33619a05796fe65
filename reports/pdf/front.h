// The cover and the list of contents. Private to reports/pdf.
#pragma once

#include "reports/layout/layout.h"

#include <string>
#include <vector>

namespace driftlens::pdf {

class Canvas;

// "1  Title", as headings, contents and outline have it; the name that links to it.
std::string numberedTitle(const ReportLayout& layout, std::size_t section);
std::string destinationOf(std::size_t section);

// Sets both, on as many pages as they take. `pages` are those of the sections; in the first pass,
// where they are unknown, they are empty.
void setFront(Canvas& canvas, const ReportLayout& layout, const std::vector<int>& pages);

}  // namespace driftlens::pdf
