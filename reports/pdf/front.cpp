#include "reports/pdf/front.h"

#include "core/base/display_text.h"
#include "reports/pdf/blocks.h"
#include "reports/pdf/canvas.h"
#include "reports/pdf/flow.h"

#include <algorithm>
#include <array>

namespace driftlens::pdf {
namespace {

constexpr double kBandPadding = 36.0;
constexpr double kHashRoom = 46.0;
constexpr int kCalloutLines = 3;

// Two strips of tokens, nearly the same: what the program is about.
void drawMark(Canvas& canvas, double right, double top) {
    constexpr std::array<unsigned, 7> kUpper = {0xf3c9a5, 0x2c7bb6, 0xe66101, 0xf8e3d0,
                                                0x8fb8d8, 0xf8e3d0, 0xeb9150};
    constexpr std::array<unsigned, 7> kLower = {0xf3c9a5, 0x8fb8d8, 0xe66101, 0xeb9150,
                                                0x8fb8d8, 0xf8e3d0, 0xf8e3d0};
    constexpr double kSide = 9.0;
    constexpr double kStep = 11.0;
    for (std::size_t i = 0; i < kUpper.size(); ++i) {
        const double x = right - kStep * static_cast<double>(kUpper.size() - i) + kStep - kSide;
        canvas.rectangle(x, top, kSide, kSide, rgb(kUpper[i]), 1.5);
        canvas.rectangle(x, top + kStep, kSide, kSide, rgb(kLower[i]), 1.5);
    }
}

void drawTitle(Canvas& canvas, const ReportLayout& layout) {
    const TextStyle mark = {.size = 9.0, .isBold = true, .colour = kLightOnDeep};
    const TextStyle titleStyle = {
        .size = 22.0, .isBold = true, .colour = kWhite, .maxLines = 4, .leading = 1.0};
    const TextStyle subtitleStyle = {.size = 11.0, .colour = kLightOnDeep, .maxLines = 6};
    const Text title = canvas.text(layout.title, titleStyle, Canvas::width());
    const Text subtitle = canvas.text(layout.subtitle, subtitleStyle, Canvas::width());
    const double titleTop = kBandPadding + 40.0;
    const double subtitleTop = titleTop + title.height() + 8.0;
    const double height = subtitleTop + subtitle.height() + 22.0;
    canvas.rectangle(0.0, 0.0, kPageWidth, height, kDeep);
    canvas.rectangle(0.0, height, kPageWidth, 4.0, kAccent);
    canvas.draw(canvas.text("DRIFTLENS", mark, Canvas::width()), Canvas::left(), kBandPadding);
    drawMark(canvas, Canvas::left() + Canvas::width(), kBandPadding - 3.0);
    {
        const TagScope scope(canvas, "H1");
        canvas.draw(title, Canvas::left(), titleTop);
    }
    const TagScope scope(canvas, "P");
    canvas.draw(subtitle, Canvas::left(), subtitleTop);
    canvas.y = height + 22.0;
}

// The beginning of the first section: the answer, in short. All of it stands there again.
void setAnswer(Canvas& canvas, const ReportLayout& layout) {
    if (layout.sections.empty()) return;
    constexpr double kGap = 7.0;
    for (const Block& block : layout.sections.front().blocks) {
        if (const Callout* callout = std::get_if<Callout>(&block)) {
            if (calloutHeight(canvas, *callout, kCalloutLines) > canvas.room() - kHashRoom) return;
            setCallout(canvas, *callout, kCalloutLines);
        } else if (const Paragraph* paragraph = std::get_if<Paragraph>(&block)) {
            const Text text = canvas.text(paragraph->text, kBody, Canvas::width());
            if (text.height() > canvas.room() - kHashRoom) return;
            flowText(canvas, text, Canvas::left(), "P");
        } else {
            break;
        }
        canvas.y += kGap;
    }
    canvas.y += 10.0;
}

void drawHash(Canvas& canvas, const std::string& sha256, double top) {
    if (sha256.empty()) return;
    TextStyle code = kCode;
    code.size = 8.2;
    const TagScope scope(canvas, "P");
    canvas.draw(canvas.text("SHA-256 of the report's JSON", kSmall, Canvas::width()),
                Canvas::left(), top);
    canvas.draw(canvas.text(sha256, code, Canvas::width()), Canvas::left(), top + 13.0);
}

struct Entry {
    Text title;
    std::string page;
};

constexpr double kColumnGap = 26.0;
constexpr double kEntryGap = 3.0;
constexpr double kPageColumn = 26.0;
constexpr TextStyle kEntry = {.size = 9.0, .maxLines = 3};

double columnWidth() {
    return (Canvas::width() - kColumnGap) / 2.0;
}

void setEntry(Canvas& canvas, const Entry& entry, std::size_t section, double x) {
    TextStyle style = kEntry;
    style.align = Align::End;
    const std::string link = "dest='" + destinationOf(section) + "'";
    const TagScope scope(canvas, "P");
    const TagScope target(canvas, CAIRO_TAG_LINK, link);
    canvas.draw(entry.title, x, canvas.y);
    canvas.draw(canvas.text(entry.page, style, kPageColumn), x + columnWidth() - kPageColumn,
                canvas.y);
    canvas.y += entry.title.height() + kEntryGap;
    canvas.rule(x, canvas.y - kEntryGap / 2.0, columnWidth(), kFaint, 0.3);
}

double heightOf(const std::vector<Entry>& entries, std::size_t begin, std::size_t end) {
    double height = 0.0;
    for (std::size_t i = begin; i < std::min(end, entries.size()); ++i)
        height += entries[i].title.height() + kEntryGap;
    return height;
}

// In two columns, one after the other; of very many sections pages of them. So much stays free
// under them.
void drawContents(Canvas& canvas, const ReportLayout& layout, const std::vector<int>& pages,
                  double free) {
    if (layout.sections.empty()) return;
    constexpr double kHeadingHeight = 20.0;
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < layout.sections.size(); ++i) {
        const std::string page = i < pages.size() ? std::to_string(pages[i]) : "";
        entries.push_back(
            {canvas.text(numberedTitle(layout, i), kEntry, columnWidth() - kPageColumn - 6.0),
             page});
    }
    constexpr std::size_t kMostInColumn = 16;  // three lines each go on a page
    std::size_t inColumn = std::min((entries.size() + 1) / 2, kMostInColumn);
    if (kHeadingHeight + heightOf(entries, 0, inColumn) > canvas.room() - free) canvas.breakPage();
    {
        const TagScope scope(canvas, "H2");
        canvas.draw(canvas.text("Contents", kSubheading, Canvas::width()), Canvas::left(),
                    canvas.y);
    }
    canvas.y += kHeadingHeight;
    for (std::size_t first = 0; first < entries.size(); first += 2 * inColumn) {
        if (first > 0) canvas.breakPage();
        const double top = canvas.y;
        for (std::size_t i = first; i < std::min(first + 2 * inColumn, entries.size()); ++i) {
            const bool isRight = i >= first + inColumn;
            if (i == first + inColumn) canvas.y = top;
            setEntry(canvas, entries[i], i,
                     Canvas::left() + (isRight ? columnWidth() + kColumnGap : 0.0));
        }
        canvas.y = top + heightOf(entries, first, first + inColumn);
    }
}

}  // namespace

std::string numberedTitle(const ReportLayout& layout, std::size_t section) {
    return std::to_string(section + 1) + "  " + displayText(layout.sections[section].title);
}

std::string destinationOf(std::size_t section) {
    return "section-" + std::to_string(section + 1);
}

bool beginsAtAGlance(const ReportLayout& layout) {
    return !layout.sections.empty() && layout.sections.front().id == "cover";
}

void setTitle(Canvas& canvas, const ReportLayout& layout) {
    drawTitle(canvas, layout);
}

void setContents(Canvas& canvas, const ReportLayout& layout, const std::vector<int>& pages) {
    canvas.space(18.0);
    drawContents(canvas, layout, pages, kHashRoom);
    canvas.y += 8.0;
    drawHash(canvas, layout.sha256, canvas.y);
    canvas.y += kHashRoom - 18.0;
}

void setCover(Canvas& canvas, const ReportLayout& layout, const std::vector<int>& pages) {
    drawTitle(canvas, layout);
    drawHash(canvas, layout.sha256, Canvas::bottom() - kHashRoom + 14.0);
    setAnswer(canvas, layout);
    drawContents(canvas, layout, pages, kHashRoom);
}

}  // namespace driftlens::pdf
