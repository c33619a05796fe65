#include "reports/pdf/blocks.h"

#include "reports/pdf/figures.h"
#include "reports/pdf/flow.h"
#include "reports/pdf/tables.h"

#include <algorithm>

namespace driftlens::pdf {
namespace {

constexpr double kCardPadding = 8.0;
constexpr double kLabelGap = 2.0;
constexpr double kTwoLines = 30.0;

struct SetCallout {
    Text label, text;
    double height = 0.0;
};

SetCallout setOf(const Canvas& canvas, const Callout& callout, int maxLines) {
    const double width = Canvas::width() - 2.0 * kCardPadding - 8.0;
    const TextStyle label = {.size = 8.0, .isBold = true, .colour = coloursOf(callout.tone).strong};
    TextStyle text = kBody;
    text.maxLines = maxLines;
    SetCallout out = {canvas.text(callout.label, label, width),
                      canvas.text(callout.text, text, width)};
    out.height = 2.0 * kCardPadding;
    if (!callout.label.empty()) out.height += out.label.height() + kLabelGap;
    if (!callout.text.empty()) out.height += out.text.height();
    return out;
}

// One that is higher than a page: its label and its text, each on cards of its own.
void setLongCallout(Canvas& canvas, const SetCallout& set, const Card& card) {
    flowOnCard(canvas, set.label, "P", card);
    flowOnCard(canvas, set.text, "P", card);
}

void set(Canvas& canvas, const Paragraph& paragraph) {
    const TextStyle style = paragraph.isSmall ? kSmall : kBody;
    flowText(canvas, canvas.text(paragraph.text, style, Canvas::width()), Canvas::left(), "P");
}

void set(Canvas& canvas, const Callout& callout) {
    setCallout(canvas, callout);
}

void set(Canvas& canvas, const BulletList& list) {
    constexpr double kIndent = 16.0;
    const TagScope scope(canvas, "L");
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        if (i > 0) canvas.space(3.0);
        const std::string mark = list.isNumbered ? std::to_string(i + 1) + "." : "•";
        const Text text = canvas.text(list.items[i], kBody, Canvas::width() - kIndent);
        const Text marker = canvas.text(mark, kBody, kIndent);
        canvas.fit(text.heightOf(0, std::min<std::size_t>(2, text.lines())));
        const TagScope item(canvas, "LI");
        canvas.draw(marker, Canvas::left() + 2.0, canvas.y);
        flowText(canvas, text, Canvas::left() + kIndent, "LBody");
    }
}

void set(Canvas& canvas, const CodeBlock& code) {
    flowOnCard(canvas, canvas.text(code.text, kCode, Canvas::width() - 2.0 * kCardPadding - 4.0),
               "Code", {.fill = kPaper});
}

void set(Canvas& canvas, const FactTable& facts) {
    setFacts(canvas, facts);
}
void set(Canvas& canvas, const Table& table) {
    setTable(canvas, table);
}
void set(Canvas& canvas, const FigureBlock& figure) {
    setFigure(canvas, figure);
}
void set(Canvas&, const Subheading&) {}

double lead(const Canvas& canvas, const Callout& callout) {
    return calloutHeight(canvas, callout);
}
double lead(const Canvas& canvas, const Table& table) {
    return leadOf(canvas, table);
}
double lead(const Canvas& canvas, const FigureBlock& figure) {
    return leadOf(canvas, figure);
}
template <typename Other>
double lead(const Canvas&, const Other&) {
    return kTwoLines;
}

}  // namespace

double calloutHeight(const Canvas& canvas, const Callout& callout, int maxLines) {
    return setOf(canvas, callout, maxLines).height;
}

void setCallout(Canvas& canvas, const Callout& callout, int maxLines) {
    const ToneColours colours = coloursOf(callout.tone);
    const SetCallout set = setOf(canvas, callout, maxLines);
    const Card card = {colours.card, kCardPadding, true, colours.strong};
    if (set.height > Canvas::pageRoom()) return setLongCallout(canvas, set, card);
    canvas.fit(set.height);
    canvas.rectangle(Canvas::left(), canvas.y, Canvas::width(), set.height, colours.card, 2.0);
    canvas.rectangle(Canvas::left(), canvas.y, 3.5, set.height, colours.strong);
    const double x = Canvas::left() + kCardPadding + 6.0;
    double y = canvas.y + kCardPadding;
    const TagScope scope(canvas, "P");
    if (!callout.label.empty()) {
        canvas.draw(set.label, x, y);
        y += set.label.height() + kLabelGap;
    }
    if (!callout.text.empty()) canvas.draw(set.text, x, y);
    canvas.y += set.height;
}

void setBlock(Canvas& canvas, const Block& block) {
    std::visit([&](const auto& each) { set(canvas, each); }, block);
}

double leadOf(const Canvas& canvas, const Block& block) {
    return std::visit([&](const auto& each) { return lead(canvas, each); }, block);
}

}  // namespace driftlens::pdf
