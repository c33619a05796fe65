// How models are stored, part by part and side by side: bits per weight and zeros as bars, with the
// numbers beside them.
#pragma once

#include "reports/figures/svg.h"

#include <optional>
#include <string>
#include <vector>

namespace driftlens {

struct StorageCell {
    std::string form;  // "INT4 group 32"; empty: no matrices
    double bits = 0.0;
    std::optional<double> zeros;  // share of exact zeros; none: not counted
};

// A part of the network, or several in a row that are stored alike.
struct StorageRow {
    std::string part;                               // "blocks 0 to 11"
    std::vector<std::optional<StorageCell>> cells;  // per model; none: it has no such part
};

// A figure per few models and rows, so that each fits a page; all on one scale. Empty where there
// is nothing. `description` says what is in all of them.
std::vector<std::string> storageBarsSvg(const std::vector<std::string>& models,
                                        const std::vector<StorageRow>& rows,
                                        const SvgCaption& caption);

// "4.5 bits, 50 % zeros", as the figure prints it.
std::string storageText(const StorageCell& cell);

}  // namespace driftlens
