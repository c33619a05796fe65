#include "reports/pdf/flow.h"

#include <algorithm>

namespace driftlens::pdf {
namespace {

// How many lines from `first` on go into `room`: neither the first nor the last line of a text
// stands alone, where the text has enough of them.
std::size_t linesForPage(const Text& text, std::size_t first, double room, bool isFresh) {
    const std::size_t left = text.lines() - first;
    std::size_t fitting = text.linesWithin(first, room);
    if (fitting < left) {
        if (left - fitting == 1 && fitting > 2) --fitting;
        if (first == 0 && fitting == 1 && !isFresh) fitting = 0;
    }
    return fitting == 0 && isFresh ? 1 : fitting;
}

template <typename Draw>
void flowSlices(Canvas& canvas, const Text& text, double padding, const Draw& draw) {
    for (std::size_t first = 0; first < text.lines();) {
        const double room = canvas.room() - 2.0 * padding;
        const std::size_t count = linesForPage(text, first, room, canvas.isAtTop());
        if (count > 0) draw(first, count);
        first += count;
        if (first < text.lines()) canvas.breakPage();
    }
}

double sliceHeight(const std::vector<Cell>& cells, const std::vector<std::size_t>& first,
                   const std::vector<std::size_t>& count) {
    double height = 0.0;
    for (std::size_t i = 0; i < cells.size(); ++i)
        height = std::max(height, cells[i].text.heightOf(first[i], count[i]));
    return height;
}

bool isDone(const std::vector<Cell>& cells, const std::vector<std::size_t>& first) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (first[i] < cells[i].text.lines()) return false;
    }
    return true;
}

// Draws what goes into the page; false if that is nothing.
bool drawSlice(Canvas& canvas, const std::vector<Cell>& cells, std::vector<std::size_t>& first,
               const RowStyle& style, double width, bool isForced) {
    std::vector<std::size_t> count;
    bool isAny = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const Text& text = cells[i].text;
        std::size_t fitting = text.linesWithin(first[i], canvas.room() - 2.0 * style.padding);
        if (fitting == 0 && isForced && first[i] < text.lines()) fitting = 1;
        count.push_back(fitting);
        isAny |= fitting > 0;
    }
    if (!isAny) return false;
    const TagScope row(canvas, "TR");
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const bool isHeader = cells[i].isRowHeader;
        const TagScope cell(canvas, isHeader ? "TH" : style.cellTag, {},
                            isHeader ? "/A << /O /Table /Scope /Row >>" : "");
        canvas.drawLines(cells[i].text, first[i], count[i], cells[i].x, canvas.y + style.padding);
    }
    canvas.y += sliceHeight(cells, first, count) + 2.0 * style.padding;
    canvas.rule(Canvas::left(), canvas.y, width, kFaint);
    for (std::size_t i = 0; i < cells.size(); ++i) first[i] += count[i];
    return true;
}

}  // namespace

void flowText(Canvas& canvas, const Text& text, double x, const char* tag) {
    flowSlices(canvas, text, 0.0, [&](std::size_t first, std::size_t count) {
        const TagScope scope(canvas, tag);
        canvas.drawLines(text, first, count, x, canvas.y);
        canvas.y += text.heightOf(first, count);
    });
}

void flowOnCard(Canvas& canvas, const Text& text, const char* tag, const Card& card) {
    flowSlices(canvas, text, card.padding, [&](std::size_t first, std::size_t count) {
        const TagScope scope(canvas, tag);
        const double height = text.heightOf(first, count) + 2.0 * card.padding;
        canvas.rectangle(Canvas::left(), canvas.y, Canvas::width(), height, card.fill);
        if (card.hasBar) canvas.rectangle(Canvas::left(), canvas.y, 3.5, height, card.bar);
        canvas.drawLines(text, first, count, Canvas::left() + card.padding + 4.0,
                         canvas.y + card.padding);
        canvas.y += height;
    });
}

double rowHeight(const std::vector<Cell>& cells, const RowStyle& style) {
    double height = 0.0;
    for (const Cell& cell : cells) height = std::max(height, cell.text.height());
    return height + 2.0 * style.padding;
}

void flowRow(Canvas& canvas, const std::vector<Cell>& cells, const RowStyle& style, double width,
             const std::function<void()>& onNewPage) {
    const double height = rowHeight(cells, style);
    const auto nextPage = [&] {
        canvas.breakPage();
        onNewPage();
    };
    if (height > canvas.room() && height <= Canvas::pageRoom() * 0.4) nextPage();
    std::vector<std::size_t> first(cells.size(), 0);
    bool isFresh = false;
    while (!isDone(cells, first)) {
        isFresh = !drawSlice(canvas, cells, first, style, width, isFresh);
        if (!isDone(cells, first)) nextPage();
    }
}

}  // namespace driftlens::pdf
