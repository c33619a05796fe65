#include "reports/pdf/table_plan.h"

#include "core/base/display_text.h"
#include "reports/pdf/canvas.h"
#include "reports/pdf/columns.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace driftlens::pdf {
namespace {

constexpr std::size_t kCodeCharacters = 12;  // of a digest on one line, at least

// How tables are made to fit, from the best to read to the worst: smaller type closer together, and
// words broken that are wider than so much.
constexpr std::array<Setting, 6> kSettings = {{kRoomy,
                                               {7.6, 10.0, 130.0},
                                               {7.6, 10.0, 80.0},
                                               {6.8, 8.0, 130.0},
                                               {6.4, 6.0, 130.0},
                                               {6.4, 6.0, 70.0}}};
// Of a table that must be cut into bands anyway.
constexpr Setting kCut = {6.8, 8.0, 130.0};

// About how wide a text is, in characters: capitals are wider.
double judgedWidth(std::string_view text) {
    constexpr double kMoreOfACapital = 0.35;
    const auto capitals =
        std::count_if(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    return static_cast<double>(displayColumns(text)) +
           kMoreOfACapital * static_cast<double>(capitals);
}

// Lines may end after a slash, too.
std::string_view longestWord(std::string_view text) {
    std::string_view longest;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \n\t/"), text.size());
        if (judgedWidth(text.substr(0, end)) > judgedWidth(longest)) longest = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return longest;
}

// The widest cell and word of a column, judged by their characters: measuring all would take as
// long as setting them.
struct Widest {
    std::string_view cell, word;
};
Widest widestOf(const Table& table, std::size_t column) {
    Widest widest;
    double cellWidth = 0.0, wordWidth = 0.0;
    for (const auto& row : table.rows) {
        const std::string_view cell = cellOf(row, column);
        if (const double width = judgedWidth(cell); width > cellWidth) {
            cellWidth = width;
            widest.cell = cell;
        }
        const std::string_view word = longestWord(cell);
        if (const double width = judgedWidth(word); width > wordWidth) {
            wordWidth = width;
            widest.word = word;
        }
    }
    return widest;
}

ColumnNeed needOf(const Canvas& canvas, const Table& table, std::size_t column,
                  const Setting& setting) {
    const Column& own = table.columns[column];
    const TextStyle style = cellStyle(own.kind, setting.size);
    const TextStyle header = headerStyle(own.kind, setting.size);
    const Widest widest = widestOf(table, column);
    const double title = widthOf(canvas, own.title, header);
    const double titleWord = widthOf(canvas, longestWord(own.title), header);
    // Another cell of as many characters may be wider: of numbers one of digits alone.
    const bool isNumber = own.kind == ColumnKind::Number;
    const double cell = isNumber
                            ? widthOf(canvas, std::string(displayColumns(widest.cell), '0'), style)
                            : widthOf(canvas, widest.cell, style) * 1.04;
    double word = widthOf(canvas, widest.word, style) * 1.04;
    if (isNumber) word = cell;
    if (own.kind == ColumnKind::Code)
        word = std::min(cell, widthOf(canvas, std::string(kCodeCharacters, '0'), style));
    return {std::min(setting.widestWord, std::max(titleWord, word)) + setting.gutter,
            std::max(title, cell) + setting.gutter};
}

struct Plan {
    Setting setting;
    std::vector<ColumnNeed> needs;
};

Plan planWith(const Canvas& canvas, const Table& table, const Setting& setting) {
    Plan plan = {setting, {}};
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        plan.needs.push_back(needOf(canvas, table, i, setting));
    return plan;
}

bool isFitting(const Plan& plan) {
    double least = 0.0;
    for (const ColumnNeed& need : plan.needs) least += need.least;
    return least <= Canvas::width();
}

// How wide the cells would be on one line, of up to so many rows: judged by their characters.
std::vector<std::vector<double>> naturalRows(const Canvas& canvas, const Table& table,
                                             const Band& band) {
    constexpr std::size_t kMost = 200;
    const std::size_t step = table.rows.size() / kMost + 1;
    std::vector<double> character;
    for (const std::size_t column : band.columns) {
        const TextStyle style = cellStyle(table.columns[column].kind, band.setting.size);
        character.push_back(widthOf(canvas, "abcdefghijklmnopqrstuvwxyz 0123456789", style) / 37.0);
    }
    std::vector<std::vector<double>> out;
    for (std::size_t r = 0; r < table.rows.size(); r += step) {
        out.emplace_back();
        for (std::size_t i = 0; i < band.columns.size(); ++i) {
            const std::size_t shown = displayColumns(cellOf(table.rows[r], band.columns[i]));
            out.back().push_back(static_cast<double>(shown) * character[i] + band.setting.gutter);
        }
    }
    return out;
}

Band bandOf(const Canvas& canvas, const Table& table, const Plan& plan,
            const std::vector<std::size_t>& columns) {
    std::vector<ColumnNeed> needs;
    for (const std::size_t i : columns) needs.push_back(plan.needs[i]);
    Band band = {columns, {}, plan.setting};
    band.widths = columnWidths(needs, naturalRows(canvas, table, band), Canvas::width());
    // A table that nearly fills the page looks better if it does.
    const double spread = Canvas::width() / band.width();
    if (spread > 1.0 && spread < 1.6) {
        for (double& width : band.widths) width *= spread;
    }
    return band;
}

Band wholeBand(const Canvas& canvas, const Table& table, const Plan& plan) {
    std::vector<std::size_t> all(table.columns.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return bandOf(canvas, table, plan, all);
}

// About how high the rows are together; those of a few lines are low enough.
double heightOf(const Canvas& canvas, const Table& table, const Band& band) {
    constexpr double kFewLines = 3.0;
    double height = 0.0;
    for (const std::vector<double>& row : naturalRows(canvas, table, band)) {
        double lines = kFewLines;
        for (std::size_t i = 0; i < row.size(); ++i)
            lines = std::max(lines, std::ceil(row[i] / band.widths[i]));
        height += lines * band.setting.size;
    }
    return height;
}

// Smaller type must make a table so much lower to be worth it.
constexpr double kWorthIt = 0.6;

}  // namespace

std::vector<Band> bandsOf(const Canvas& canvas, const Table& table) {
    std::vector<Band> best;
    double lowest = 0.0;
    for (const Setting& setting : kSettings) {
        const Plan plan = planWith(canvas, table, setting);
        if (!isFitting(plan)) continue;
        Band band = wholeBand(canvas, table, plan);
        const double height = heightOf(canvas, table, band);
        if (!best.empty() && height > lowest * kWorthIt) continue;
        best = {std::move(band)};
        lowest = height;
    }
    if (!best.empty()) return best;
    const Plan plan = planWith(canvas, table, kCut);
    for (const auto& columns : columnBands(plan.needs, Canvas::width()))
        best.push_back(bandOf(canvas, table, plan, columns));
    return best;
}

double Band::width() const {
    return std::accumulate(widths.begin(), widths.end(), 0.0);
}

const std::string& cellOf(const std::vector<std::string>& row, std::size_t column) {
    static const std::string kNothing;
    return column < row.size() ? row[column] : kNothing;
}

TextStyle cellStyle(ColumnKind kind, double size) {
    TextStyle style = kBody;
    style.size = size;
    if (kind == ColumnKind::Number) style.align = Align::End;
    if (kind == ColumnKind::Code) {
        style.face = Face::Mono;
        style.size = size - 0.8;
    }
    return style;
}

TextStyle headerStyle(ColumnKind kind, double size) {
    TextStyle style = {.size = size, .isBold = true, .colour = kDeep, .maxLines = 6};
    if (kind == ColumnKind::Number) style.align = Align::End;
    return style;
}

double widthOf(const Canvas& canvas, std::string_view text, const TextStyle& style) {
    return canvas.text(text, style, 0.0).naturalWidth();
}

}  // namespace driftlens::pdf
