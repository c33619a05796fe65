// How a table is made to fit the page. Private to reports/pdf.
#pragma once

#include "reports/pdf/style.h"

#include <string>
#include <string_view>
#include <vector>

namespace driftlens::pdf {

class Canvas;

// Type size, room between the texts of two columns, and how wide a word may be before it is broken.
struct Setting {
    double size, gutter, widestWord;
};
inline constexpr Setting kRoomy = {8.4, 11.0, 145.0};

// Columns of a table that stand side by side.
struct Band {
    std::vector<std::size_t> columns;
    std::vector<double> widths;
    Setting setting;

    double width() const;
};

// All columns side by side if that can be read, else several bands of them. Not for a table without
// columns.
std::vector<Band> bandsOf(const Canvas& canvas, const Table& table);

// "" for what a row lacks.
const std::string& cellOf(const std::vector<std::string>& row, std::size_t column);

TextStyle cellStyle(ColumnKind kind, double size);
TextStyle headerStyle(ColumnKind kind, double size);

double widthOf(const Canvas& canvas, std::string_view text, const TextStyle& style);

}  // namespace driftlens::pdf
