// The pages of a PDF: Cairo, Pango and librsvg behind the few things that a report needs of them.
// Private to reports/pdf, and the only header that includes those libraries. Units are points.
#pragma once

#include "reports/pdf/structure.h"
#include "reports/pdf/style.h"

#include <cairo-pdf.h>
#include <functional>
#include <librsvg/rsvg.h>
#include <memory>
#include <pango/pangocairo.h>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens::pdf {

template <auto kRelease>
struct Release {
    template <typename Handle>
    void operator()(Handle* handle) const {
        kRelease(handle);
    }
};
using Surface = std::unique_ptr<cairo_surface_t, Release<cairo_surface_destroy>>;
using Context = std::unique_ptr<cairo_t, Release<cairo_destroy>>;
using Layout = std::unique_ptr<PangoLayout, Release<g_object_unref>>;
using Svg = std::unique_ptr<RsvgHandle, Release<g_object_unref>>;

// A text broken into lines of a width. Any bytes will do: what is no text becomes U+FFFD, and a
// character that no font has is set as its code.
class Text {
public:
    std::size_t lines() const { return m_lines.size(); }
    double height() const;
    // Of `count` lines from `first` on.
    double heightOf(std::size_t first, std::size_t count) const;
    // How many lines from `first` on are no higher than that.
    std::size_t linesWithin(std::size_t first, double height) const;
    double naturalWidth() const;  // of the longest line

private:
    friend class Canvas;
    struct Line {
        PangoLayoutLine* line;  // owned by the layout
        double x, top, bottom, baseline;
    };
    void findLines();

    Layout m_layout;
    std::vector<Line> m_lines;
    Colour m_colour = kInk;
};

// What is on every page, besides its number.
struct PageFrame {
    std::string title;
    std::string sha256;
    std::string language;
    int pages = 0;  // of the whole; unknown in the first pass
};

// What becomes of the pages. Nothing: all is measured and nothing drawn, the first pass.
// Recordings: a surface per page, to be drawn on any other, of the size that is wanted then.
enum class Medium { Nothing, Pdf, Recordings };

// Draws pages one after the other. Text is set from a cursor downwards; `y` may be moved freely.
class Canvas {
public:
    // `onPage` is called before each page but the first; what it throws ends the drawing.
    Canvas(PageFrame frame, Medium medium, std::function<void()> onPage = {});
    ~Canvas();
    Canvas(const Canvas&) = delete;
    Canvas& operator=(const Canvas&) = delete;

    double y = 0.0;
    static constexpr double left() { return kMarginSide; }
    static constexpr double width() { return kPageWidth - 2.0 * kMarginSide; }
    static constexpr double top() { return kMarginTop; }
    static constexpr double bottom() { return kPageHeight - kMarginBottom; }
    static constexpr double pageRoom() { return bottom() - top(); }
    double room() const { return bottom() - y; }
    bool isAtTop() const { return y <= top(); }
    int page() const { return m_page; }
    bool isDrawing() const { return m_medium != Medium::Nothing; }

    void breakPage();
    void fit(double height);    // breaks the page if so much is not left
    void space(double height);  // none at the top of a page

    Text text(std::string_view utf8, const TextStyle& style, double width) const;
    void draw(const Text& text, double x, double top);
    void drawLines(const Text& text, std::size_t first, std::size_t count, double x, double top);
    void rectangle(double x, double top, double width, double height, Colour fill,
                   double radius = 0.0);
    void rule(double x, double top, double width, Colour colour, double thickness = 0.5);
    // Throws Error(Internal) naming the figure.
    void figure(RsvgHandle* svg, double x, double top, double width, double height,
                std::string_view name);

    // Structure for readers that cannot see the page. Tags that are open at a page break are
    // closed there and opened again. `attributes` are Cairo's, `extra` is for withStructure().
    void openTag(const char* name, const std::string& attributes = {},
                 const std::string& extra = {});
    void closeTag();

    // A place that links and the outline lead to, at the cursor.
    void destination(const std::string& name);
    // A new entry under `parent` (0: none); the number of the entry is returned.
    int outline(const std::string& title, const std::string& destination, int parent);

    void metadata(const std::string& title, const std::string& subject, const std::string& created);
    std::string finish();                   // the bytes; nothing can be drawn afterwards
    std::vector<Surface> takeRecordings();  // the same of Medium::Recordings

private:
    struct Tag {
        const char* name;
        std::string attributes, extra;
    };
    void begin(const Tag& tag);
    void beginPage();
    void endPage();
    void drawFrame();
    bool isTagged() const { return m_medium == Medium::Pdf; }
    void colour(Colour colour);

    PageFrame m_frame;
    Medium m_medium;
    std::function<void()> m_onPage;
    int m_page = 0;
    std::string m_bytes;
    std::vector<Surface> m_recordings;  // of the pages before
    Surface m_surface;
    Context m_cairo;
    std::vector<Tag> m_tags;             // open now
    std::vector<StructureMark> m_marks;  // all that were opened
};

// A tag for as long as the object lives.
class TagScope {
public:
    TagScope(Canvas& canvas, const char* name, const std::string& attributes = {},
             const std::string& extra = {})
        : m_canvas(canvas) {
        m_canvas.openTag(name, attributes, extra);
    }
    ~TagScope() { m_canvas.closeTag(); }
    TagScope(const TagScope&) = delete;
    TagScope& operator=(const TagScope&) = delete;

private:
    Canvas& m_canvas;
};

}  // namespace driftlens::pdf
