// The report as a PDF for people: A4, text as text in embedded fonts, figures as vectors, an
// outline, and page numbers.
#pragma once

#include "reports/layout/layout.h"

#include <string>

namespace driftlens {

// The bytes of the document; equal for equal arguments, fonts and libraries. `created` (ISO 8601,
// as the report has it) goes into the document's properties; without it there is no date. Texts may
// hold any bytes. Throws Error(Internal), naming the figure, for a figure that is no SVG.
std::string toPdf(const ReportLayout& layout, const std::string& created = {});

}  // namespace driftlens
