#include "reports/writers/pdf.h"

#include "core/base/display_text.h"
#include "reports/pdf/blocks.h"
#include "reports/pdf/flow.h"
#include "reports/pdf/front.h"
#include "reports/pdf/recorded_pages.h"

#include <algorithm>

namespace driftlens {
namespace {

using namespace pdf;

// What the first pass finds out for the second.
struct Pages {
    std::vector<int> sections;
    int count = 0;
};

struct Heading {
    std::string text;
    std::string destination;
    TextStyle style;
    const char* tag;
    double above, below;
};

// A heading with the beginning of what follows, if that is there, on one page. Returns the page.
int setHeading(Canvas& canvas, const Heading& heading, const Block* next) {
    const Text text = canvas.text(heading.text, heading.style, Canvas::width());
    canvas.space(heading.above);
    const double lead = next == nullptr ? 0.0 : leadOf(canvas, *next);
    canvas.fit(text.height() + heading.below + std::min(lead, Canvas::pageRoom() * 0.85));
    canvas.destination(heading.destination);
    const int page = canvas.page();
    flowText(canvas, text, Canvas::left(), heading.tag);
    canvas.y += heading.below;
    return page;
}

const Block* blockAt(const Section& section, std::size_t i) {
    return i < section.blocks.size() ? &section.blocks[i] : nullptr;
}

// Two of them in a row stand closer, as do a block and the note under it.
double gapAbove(const Block& block) {
    const Paragraph* paragraph = std::get_if<Paragraph>(&block);
    return paragraph != nullptr && paragraph->isSmall ? 5.0 : kBlockGap;
}

class Writer {
public:
    Writer(Canvas& canvas, const ReportLayout& layout) : m_canvas(canvas), m_layout(layout) {}

    // A report that begins at a glance has no cover: its first section is one.
    Pages write(const Pages& known) {
        Pages found;
        const bool hasCover = !beginsAtAGlance(m_layout);
        if (hasCover)
            setCover(m_canvas, m_layout, known.sections);
        else
            setTitle(m_canvas, m_layout);
        for (std::size_t i = 0; i < m_layout.sections.size(); ++i) {
            if (i == 0 && hasCover) m_canvas.breakPage();
            if (i == 1 && !hasCover) setContents(m_canvas, m_layout, known.sections);
            found.sections.push_back(writeSection(i));
        }
        if (!hasCover && m_layout.sections.size() == 1)
            setContents(m_canvas, m_layout, known.sections);
        found.count = m_canvas.page();
        return found;
    }

private:
    // Returns the page that it begins on.
    int writeSection(std::size_t i) {
        const Section& section = m_layout.sections[i];
        const std::string title = numberedTitle(m_layout, i);
        const double above = i == 0 ? 0.0 : 26.0;
        const int page = setHeading(
            m_canvas, {title, destinationOf(i), kHeading, "H2", above, 10.0}, blockAt(section, 0));
        const int entry = m_canvas.outline(title, destinationOf(i), CAIRO_PDF_OUTLINE_ROOT);
        for (std::size_t b = 0; b < section.blocks.size(); ++b) writeBlock(section, b, i, entry);
        return page;
    }

    void writeBlock(const Section& section, std::size_t b, std::size_t i, int parent) {
        const Block& block = section.blocks[b];
        if (const Subheading* subheading = std::get_if<Subheading>(&block)) {
            const std::string name = destinationOf(i) + "-" + std::to_string(b);
            setHeading(m_canvas, {subheading->text, name, kSubheading, "H3", 16.0, 2.0},
                       blockAt(section, b + 1));
            m_canvas.outline(displayText(subheading->text), name, parent);
            return;
        }
        if (b > 0) m_canvas.space(gapAbove(block));
        setBlock(m_canvas, block);
    }

    Canvas& m_canvas;
    const ReportLayout& m_layout;
};

PageFrame frameOf(const ReportLayout& layout, int pages) {
    return {displayText(layout.title), displayText(layout.sha256), layout.language, pages};
}

}  // namespace

// Page numbers in the contents and "of N" are known only after all pages were measured.
std::string toPdf(const ReportLayout& layout, const std::string& created) {
    Canvas measured(frameOf(layout, 0), Medium::Nothing);
    const Pages pages = Writer(measured, layout).write({});
    Canvas canvas(frameOf(layout, pages.count), Medium::Pdf);
    canvas.metadata(displayText(layout.title), displayText(layout.subtitle), created);
    Writer(canvas, layout).write(pages);
    return canvas.finish();
}

pdf::RecordedPages pdf::recordPages(const ReportLayout& layout,
                                    const std::function<void()>& onPage) {
    Canvas measured(frameOf(layout, 0), Medium::Nothing, onPage);
    Pages pages = Writer(measured, layout).write({});
    Canvas canvas(frameOf(layout, pages.count), Medium::Recordings, onPage);
    Writer(canvas, layout).write(pages);
    return {canvas.takeRecordings(), std::move(pages.sections)};
}

}  // namespace driftlens
