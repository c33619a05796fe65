#include "reports/pdf/tables.h"

#include "reports/pdf/flow.h"
#include "reports/pdf/table_plan.h"

#include <algorithm>
#include <string>

namespace driftlens::pdf {
namespace {

constexpr double kCaptionGap = 4.0;
constexpr RowStyle kHeader = {.cellTag = "TH", .padding = 4.0};

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

std::vector<Cell> rowCells(const Canvas& canvas, const Table& table, const Band& band,
                           const std::vector<std::string>& row) {
    return cellsOf(canvas, table, band, [&](std::size_t column, ColumnKind kind) {
        return std::pair(std::string_view(cellOf(row, column)), cellStyle(kind, band.setting.size));
    });
}

void drawHeader(Canvas& canvas, const std::vector<Cell>& cells, double width) {
    const double height = rowHeight(cells, kHeader);
    canvas.rectangle(Canvas::left(), canvas.y, width, height, kPaper);
    const TagScope row(canvas, "TR");
    for (const Cell& each : cells) {
        const TagScope cell(canvas, kHeader.cellTag, {}, "/A << /O /Table /Scope /Column >>");
        canvas.draw(each.text, each.x, canvas.y + height - kHeader.padding - each.text.height());
    }
    canvas.y += height;
    canvas.rule(Canvas::left(), canvas.y, width, kDeep, 0.8);
}

void setBand(Canvas& canvas, const Table& table, const Band& band) {
    const std::vector<Cell> header = headerCells(canvas, table, band);
    const TagScope scope(canvas, "Table");
    drawHeader(canvas, header, band.width());
    for (const auto& row : table.rows)
        flowRow(canvas, rowCells(canvas, table, band, row), {}, band.width(),
                [&] { drawHeader(canvas, header, band.width()); });
}

std::string captionOf(const Table& table, const std::vector<std::size_t>& columns) {
    if (columns.size() == table.columns.size()) return table.caption;
    const std::size_t first = columns.size() > 1 ? columns[1] : columns[0];
    const std::size_t from = columns[0] == 0 && first == 1 ? 1 : first + 1;
    return table.caption + " (columns " + std::to_string(from) + " to " +
           std::to_string(columns.back() + 1) + " of " + std::to_string(table.columns.size()) + ")";
}

Text captionText(const Canvas& canvas, const std::string& caption) {
    return canvas.text(caption, kCaption, Canvas::width());
}

void setCaption(Canvas& canvas, const std::string& caption) {
    if (caption.empty()) return;
    flowText(canvas, captionText(canvas, caption), Canvas::left(), "Caption");
    canvas.y += kCaptionGap;
}

// Of caption, header and the first two rows; of a short table whole. Nothing of it looks well
// alone.
double leadOf(const Canvas& canvas, const Table& table, const Band& band) {
    constexpr std::size_t kShort = 5, kBeginning = 2;
    double height = captionText(canvas, table.caption).height() + kCaptionGap +
                    rowHeight(headerCells(canvas, table, band), kHeader);
    const std::size_t rows = table.rows.size() <= kShort ? table.rows.size() : kBeginning;
    for (std::size_t i = 0; i < rows; ++i)
        height += rowHeight(rowCells(canvas, table, band, table.rows[i]), {});
    return std::min(height, Canvas::pageRoom() * 0.3);
}

}  // namespace

void setTable(Canvas& canvas, const Table& table) {
    if (table.columns.empty()) return setCaption(canvas, table.caption);
    bool isFirst = true;
    for (const Band& band : bandsOf(canvas, table)) {
        if (!isFirst) canvas.space(kBlockGap);
        isFirst = false;
        canvas.fit(leadOf(canvas, table, band));
        setCaption(canvas, captionOf(table, band.columns));
        setBand(canvas, table, band);
    }
}

double leadOf(const Canvas& canvas, const Table& table) {
    if (table.columns.empty()) return captionText(canvas, table.caption).height();
    return leadOf(canvas, table, bandsOf(canvas, table).front());
}

void setFacts(Canvas& canvas, const FactTable& table) {
    const auto [size, gutter, widestWord] = kRoomy;
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
        cells.push_back({canvas.text(fact.name, nameStyle, names), left, true});
        cells.push_back({canvas.text(fact.value, cellStyle(kind, size), values), valueX});
        flowRow(canvas, cells, {}, Canvas::width(), [] {});
    }
}

}  // namespace driftlens::pdf
