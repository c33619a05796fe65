// The pages of the PDF before they are one: what its writer draws, kept. Private to reports/pdf.
#pragma once

#include "reports/pdf/canvas.h"

#include <functional>
#include <vector>

namespace driftlens::pdf {

struct RecordedPages {
    std::vector<Surface> pages;
    std::vector<int> sections;  // the page that each begins on, from 1
};

// What toPdf() writes, in writers/pdf.cpp beside it. `onPage` as for a Canvas, in both passes.
RecordedPages recordPages(const ReportLayout& layout, const std::function<void()>& onPage);

}  // namespace driftlens::pdf
