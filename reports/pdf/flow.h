// Lines over as many pages as they take: paragraphs and rows. Private to reports/pdf.
#pragma once

#include "reports/pdf/canvas.h"

#include <functional>
#include <vector>

namespace driftlens::pdf {

// What lies behind the lines of a text.
struct Card {
    Colour fill;
    double padding = 8.0;
    bool hasBar = false;  // at its left edge
    Colour bar = kInk;
};

// Sets a text from the cursor on, each part of it on a page as one element `tag`. Never leaves one
// line alone on a page if it can be helped.
void flowText(Canvas& canvas, const Text& text, double x, const char* tag);

// The same over a card as wide as the page.
void flowOnCard(Canvas& canvas, const Text& text, const char* tag, const Card& card);

struct Cell {
    Text text;
    double x = 0.0;
    bool isRowHeader = false;  // it names what the others of its row say
};
struct RowStyle {
    const char* cellTag = "TD";
    double padding = 3.2;
};

double rowHeight(const std::vector<Cell>& cells, const RowStyle& style);

// Sets cells side by side with a rule under them. A row that is not too high stays on one page;
// `onNewPage` sets what is repeated on each.
void flowRow(Canvas& canvas, const std::vector<Cell>& cells, const RowStyle& style, double width,
             const std::function<void()>& onNewPage);

}  // namespace driftlens::pdf
