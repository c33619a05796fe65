// The head of the first page, the cover and the list of contents. Private to reports/pdf.
#pragma once

#include "reports/layout/layout.h"

#include <string>
#include <vector>

namespace driftlens::pdf {

class Canvas;

// "1  Title", as headings, contents and outline have it; the name that links to it.
std::string numberedTitle(const ReportLayout& layout, std::size_t section);
std::string destinationOf(std::size_t section);

// Whether the first section says by itself what a cover would: then it stands under the title, and
// there is no cover.
bool beginsAtAGlance(const ReportLayout& layout);

// The band with the title, at the top of the first page.
void setTitle(Canvas& canvas, const ReportLayout& layout);

// The list of contents and the digest, from the cursor on. `pages` are those of the sections; in
// the first pass, where they are unknown, they are empty.
void setContents(Canvas& canvas, const ReportLayout& layout, const std::vector<int>& pages);

// A cover, of a report that does not begin at a glance: title, the beginning of its first section,
// contents and digest, on as many pages as they take.
void setCover(Canvas& canvas, const ReportLayout& layout, const std::vector<int>& pages);

}  // namespace driftlens::pdf
