#include "reports/pdf/tables.h"

#include "core/base/display_text.h"
#include "reports/pdf/columns.h"
#include "reports/pdf/flow.h"

#include <algorithm>
#include <array>
#include <string>

namespace driftlens::pdf {
namespace {

constexpr std::size_t kCodeCharacters = 12;  // of a digest on one line, at least

// How tables are made to fit, from the best to read to the worst: smaller type closer together,
// then words broken that are wider than so much.
struct Setting {
    double size, gutter, widestWord;
};
constexpr std::array<Setting, 5> kSettings = {{{8.4, 11.0, 130.0},
                                               {7.6, 10.0, 130.0},
                                               {6.8, 8.0, 130.0},
                                               {6.4, 6.0, 130.0},
                                               {6.4, 6.0, 70.0}}};

const std::string& cellOf(const std::vector<std::string>& row, std::size_t column) {
    static const std::string kNothing;
    return column < row.size() ? row[column] : kNothing;
}

TextStyle styleOf(ColumnKind kind, double size) {
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

std::string_view longestWord(std::string_view text) {
    std::string_view longest;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \n\t"), text.size());
        if (end > longest.size()) longest = text.substr(0, end);
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
    std::size_t cellColumns = 0;
    for (const auto& row : table.rows) {
        const std::string_view cell = cellOf(row, column);
        const std::size_t columns = displayColumns(cell);
        if (columns > cellColumns) {
            cellColumns = columns;
            widest.cell = cell;
        }
        const std::string_view word = longestWord(cell);
        if (word.size() > widest.word.size()) widest.word = word;
    }
    return widest;
}

ColumnNeed needOf(const Canvas& canvas, const Table& table, std::size_t column,
                  const Setting& setting) {
    const Column& own = table.columns[column];
    const TextStyle style = styleOf(own.kind, setting.size);
    const TextStyle header = headerStyle(own.kind, setting.size);
    const Widest widest = widestOf(table, column);
    const double title = widthOf(canvas, own.title, header);
    const double titleWord = widthOf(canvas, longestWord(own.title), header);
    const double cell = widthOf(canvas, widest.cell, style) * 1.04;  // another may be a bit wider
    double word = widthOf(canvas, widest.word, style) * 1.04;
    if (own.kind == ColumnKind::Number) word = cell;
    if (own.kind == ColumnKind::Code)
        word = std::min(cell, widthOf(canvas, std::string(kCodeCharacters, '0'), style));
    return {std::min(setting.widestWord, std::max(titleWord, word)) + setting.gutter,
            std::max(title, cell) + setting.gutter};
}

struct Plan {
    Setting setting;
    std::vector<ColumnNeed> needs;
};

// The first setting in which all columns fit side by side, else the one before words are broken: a
// table that must be cut into bands anyway can be read in each.
Plan planOf(const Canvas& canvas, const Table& table) {
    Plan cut = {};
    for (const Setting& setting : kSettings) {
        Plan plan = {setting, {}};
        double least = 0.0;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            plan.needs.push_back(needOf(canvas, table, i, setting));
            least += plan.needs.back().least;
        }
        if (least <= Canvas::width()) return plan;
        if (setting.widestWord == kSettings.front().widestWord) cut = std::move(plan);
    }
    return cut;
}

// Columns of a table that stand side by side.
struct Band {
    std::vector<std::size_t> columns;
    std::vector<double> widths;
    Setting setting;

    double width() const {
        double out = 0.0;
        for (const double each : widths) out += each;
        return out;
    }
};

Band bandOf(const Plan& plan, const std::vector<std::size_t>& columns) {
    std::vector<ColumnNeed> needs;
    for (const std::size_t i : columns) needs.push_back(plan.needs[i]);
    Band band = {columns, columnWidths(needs, Canvas::width()), plan.setting};
    // A table that nearly fills the page looks better if it does.
    const double spread = Canvas::width() / band.width();
    if (spread > 1.0 && spread < 1.6) {
        for (double& width : band.widths) width *= spread;
    }
    return band;
}

template <typename CellText>
std::vector<Cell> cellsOf(const Canvas& canvas, const Table& table, const Band& band,
                          const CellText& text) {
    std::vector<Cell> cells;
    const double gutter = band.setting.gutter;
    double x = Canvas::left();
    for (std::size_t i = 0; i < band.columns.size(); ++i) {
        const std::size_t column = band.columns[i];
        const auto& [words, style] = text(column, table.columns[column].kind);
        cells.push_back({canvas.text(words, style, band.widths[i] - gutter), x + gutter / 2.0});
        x += band.widths[i];
    }
    return cells;
}

std::vector<Cell> headerCells(const Canvas& canvas, const Table& table, const Band& band) {
    return cellsOf(canvas, table, band, [&](std::size_t column, ColumnKind kind) {
        return std::pair(std::string_view(table.columns[column].title),
                         headerStyle(kind, band.setting.size));
    });
}

void drawHeader(Canvas& canvas, const std::vector<Cell>& cells, double width) {
    const RowStyle style = {.cellTag = "TH", .padding = 4.0};
    const double height = rowHeight(cells, style);
    canvas.rectangle(Canvas::left(), canvas.y, width, height, kPaper);
    const TagScope row(canvas, "TR");
    for (const Cell& each : cells) {
        const TagScope cell(canvas, style.cellTag);
        canvas.draw(each.text, each.x, canvas.y + height - style.padding - each.text.height());
    }
    canvas.y += height;
    canvas.rule(Canvas::left(), canvas.y, width, kDeep, 0.8);
}

void setBand(Canvas& canvas, const Table& table, const Band& band) {
    const std::vector<Cell> header = headerCells(canvas, table, band);
    const TagScope scope(canvas, "Table");
    drawHeader(canvas, header, band.width());
    for (const auto& row : table.rows) {
        const std::vector<Cell> cells =
            cellsOf(canvas, table, band, [&](std::size_t column, ColumnKind kind) {
                return std::pair(std::string_view(cellOf(row, column)),
                                 styleOf(kind, band.setting.size));
            });
        flowRow(canvas, cells, {}, band.width(), [&] { drawHeader(canvas, header, band.width()); });
    }
}

std::string captionOf(const Table& table, const std::vector<std::size_t>& columns) {
    if (columns.size() == table.columns.size()) return table.caption;
    const std::size_t first = columns.size() > 1 ? columns[1] : columns[0];
    const std::size_t from = columns[0] == 0 && first == 1 ? 1 : first + 1;
    return table.caption + " (columns " + std::to_string(from) + " to " +
           std::to_string(columns.back() + 1) + " of " + std::to_string(table.columns.size()) + ")";
}

void setCaption(Canvas& canvas, const std::string& caption) {
    if (caption.empty()) return;
    flowText(canvas, canvas.text(caption, kCaption, Canvas::width()), Canvas::left(), "Caption");
    canvas.y += 4.0;
}

}  // namespace

void setTable(Canvas& canvas, const Table& table) {
    if (table.columns.empty()) return setCaption(canvas, table.caption);
    const Plan plan = planOf(canvas, table);
    bool isFirst = true;
    for (const auto& columns : columnBands(plan.needs, Canvas::width())) {
        if (!isFirst) canvas.space(kBlockGap);
        isFirst = false;
        canvas.fit(leadOf(canvas, table));
        setCaption(canvas, captionOf(table, columns));
        setBand(canvas, table, bandOf(plan, columns));
    }
}

// Caption, header and a row or two; a short table about whole.
double leadOf(const Canvas& canvas, const Table& table) {
    constexpr std::size_t kShort = 12;
    constexpr double kHeader = 34.0;
    constexpr double kRow = 17.0;
    const double caption = canvas.text(table.caption, kCaption, Canvas::width()).height();
    const std::size_t rows = table.rows.size() <= kShort ? table.rows.size() : 2;
    return std::min(caption + kHeader + kRow * static_cast<double>(rows),
                    Canvas::pageRoom() * 0.45);
}

void setFacts(Canvas& canvas, const FactTable& table) {
    const auto [size, gutter, widest] = kSettings.front();
    const TextStyle nameStyle = {.size = size, .isBold = true, .colour = kMuted};
    double names = 70.0;
    for (const Fact& fact : table.facts)
        names = std::max(names, widthOf(canvas, fact.name, nameStyle));
    names = std::min(names, Canvas::width() * 0.3);
    const double left = Canvas::left() + gutter / 2.0;
    const double valueX = left + names + gutter * 1.5;
    const double values = Canvas::left() + Canvas::width() - gutter / 2.0 - valueX;
    const TagScope scope(canvas, "Table");
    canvas.rule(Canvas::left(), canvas.y, Canvas::width(), kFaint);
    for (const Fact& fact : table.facts) {
        const ColumnKind kind = fact.isCode ? ColumnKind::Code : ColumnKind::Text;
        std::vector<Cell> cells;
        cells.push_back({canvas.text(fact.name, nameStyle, names), left});
        cells.push_back({canvas.text(fact.value, styleOf(kind, size), values), valueX});
        flowRow(canvas, cells, {}, Canvas::width(), [] {});
    }
}

}  // namespace driftlens::pdf
