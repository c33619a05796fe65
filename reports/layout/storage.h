// Where the models come from and how they are stored: part of the section of the models.
#pragma once

#include "reports/layout/section_makers.h"

namespace driftlens {

// From the reference to each variant, as a figure.
void addLineage(const ReportView& view, Blocks& out);

// Bits per weight and zeros by part of each network: a figure on pages, a table for machines; a
// sentence where the run did not record them.
void addStorage(const ReportView& view, Blocks& out);

// "150.0 kB", "8 bits" per weight, the digest's beginning; "–" where it is not known.
std::string sizeText(const Json& model);
std::string bitsText(const ReportView& view, const Json& model);

// Of a variant in either kind of report.
const Json& variantModel(const ReportView& view, const Json& variant);

}  // namespace driftlens
