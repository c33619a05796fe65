// How attention and activations drifted, layer by layer: part of the drift section.
#pragma once

#include "reports/layout/section_makers.h"

#include <string_view>

namespace driftlens {

// True for the groups of figures that stand beside the methods of a data set.
bool isInsideGroup(std::string_view method);

// Two figures over the layers with a table each; a sentence where the report has none of it.
Blocks insideBlocks(const ReportView& view);

// Of one prompt: the heads whose attention moved most, and the maps of the first of them.
void addAttentionHeads(const ReportView& view, Blocks& out);

}  // namespace driftlens
