// Where each variant comes from: the reference, what was done to it, and what came of it.
#pragma once

#include "reports/figures/svg.h"

#include <string>
#include <vector>

namespace driftlens {

// A box: a name in bold, lines under it.
struct LineageModel {
    std::string name;
    std::vector<std::string> lines;  // family, stored form, size, digest
};

struct LineageVariant {
    LineageModel model;
    std::vector<std::string> steps;  // what was done, in its order: "int4, group 32"
    std::string origin;              // above the steps: "made in memory from the reference"
    bool isDerived = true;           // else its making is not known: a dashed line
};

// A row per variant, in figures of a few rows each so that they fit a page; the reference is in
// every one.
std::vector<std::string> lineageSvg(const LineageModel& reference,
                                    const std::vector<LineageVariant>& variants,
                                    const SvgCaption& caption);

}  // namespace driftlens
