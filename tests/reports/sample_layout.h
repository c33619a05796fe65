// A layout as real reports have it, for what writers make of one.
#pragma once

#include "reports/layout/layout.h"

namespace driftlens {

// Every kind of block: verdicts, facts, narrow and wide tables, figures, long texts.
ReportLayout sampleLayout();

// One section of these blocks, under a title.
ReportLayout oneSection(std::vector<Block> blocks);

// A table of so many rows and columns, each cell with its place: "r3c2".
Table gridTable(std::size_t rows, std::size_t columns);

// A token strip of so many tokens.
FigureBlock sampleFigure(std::size_t tokens, const std::string& title);

// Everything that a reader must find in a document made of it, in order.
std::vector<std::string> textsOf(const ReportLayout& layout);

}  // namespace driftlens
