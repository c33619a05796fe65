// How wide the columns of a table are, and which of them stand side by side.
#pragma once

#include <cstddef>
#include <vector>

namespace driftlens::pdf {

struct ColumnNeed {
    double least = 0.0;    // so wide that no word is broken that can be kept whole
    double natural = 0.0;  // so wide that nothing is broken
};

// One width per column, `width` in all, such that the rows are low. `rows` hold how wide each cell
// would be on one line. `least` is kept where the sum allows, and a table that needs less than the
// width stays narrow.
std::vector<double> columnWidths(const std::vector<ColumnNeed>& needs,
                                 const std::vector<std::vector<double>>& rows, double width);

// Columns that fit side by side at their least widths. A table of too many is cut into several,
// each beginning with column 0, which names the rows.
std::vector<std::vector<std::size_t>> columnBands(const std::vector<ColumnNeed>& needs,
                                                  double width);

}  // namespace driftlens::pdf
