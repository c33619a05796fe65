#include "core/base/display_text.h"
#include "reports/pdf/canvas.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace driftlens::pdf {
namespace {

constexpr double kPango = PANGO_SCALE;

// Pango counts positions in 32 bits: a line that is to be broken must not be endless before.
constexpr std::size_t kMaxParagraph = std::size_t{1} << 15;

struct ReleaseFont {
    void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};
using Font = std::unique_ptr<PangoFontDescription, ReleaseFont>;

Font fontOf(const TextStyle& style) {
    // The families of most systems first; fontconfig finds others for what these lack.
    Font font(pango_font_description_from_string(style.face == Face::Mono
                                                     ? "Noto Sans Mono,DejaVu Sans Mono,monospace"
                                                     : "Noto Sans,DejaVu Sans,sans-serif"));
    pango_font_description_set_absolute_size(font.get(), style.size * kPango);
    if (style.isBold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
    return font;
}

bool isContinuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// The text as Pango can set it.
std::string settable(std::string_view utf8) {
    const std::string text = textForXml(utf8);
    std::string out;
    std::size_t sinceBreak = 0;
    for (const char byte : text) {
        if (sinceBreak >= kMaxParagraph && !isContinuation(byte)) {
            out += '\n';
            sinceBreak = 0;
        }
        if (byte == '\r') continue;
        out += byte;
        sinceBreak = byte == '\n' ? 0 : sinceBreak + 1;
    }
    while (out.ends_with('\n')) out.pop_back();
    return out;
}

std::string codeOf(gunichar character) {
    std::array<char, 16> code{};
    std::snprintf(code.data(), code.size(), "⟨U+%04X⟩", character);
    return code.data();
}

// Byte offsets of the characters of which no font has a glyph.
std::vector<std::size_t> charactersWithoutGlyph(PangoLayout* layout) {
    std::vector<std::size_t> out;
    PangoLayoutIter* iter = pango_layout_get_iter(layout);
    do {
        const PangoLayoutRun* run = pango_layout_iter_get_run_readonly(iter);
        if (run == nullptr) continue;
        for (int i = 0; i < run->glyphs->num_glyphs; ++i) {
            if ((run->glyphs->glyphs[i].glyph & PANGO_GLYPH_UNKNOWN_FLAG) != 0)
                out.push_back(
                    static_cast<std::size_t>(run->item->offset + run->glyphs->log_clusters[i]));
        }
    } while (pango_layout_iter_next_run(iter) != 0);
    pango_layout_iter_free(iter);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

// Their codes in place of them: a box would say less, and could not be searched for.
void writeCodes(PangoLayout* layout) {
    if (pango_layout_get_unknown_glyphs_count(layout) == 0) return;
    const std::string text = pango_layout_get_text(layout);
    std::string out;
    std::size_t done = 0;
    for (const std::size_t at : charactersWithoutGlyph(layout)) {
        if (at < done || at >= text.size()) continue;
        out += text.substr(done, at - done);
        out += codeOf(g_utf8_get_char(text.c_str() + at));
        done = static_cast<std::size_t>(g_utf8_next_char(text.c_str() + at) - text.c_str());
    }
    out += text.substr(done);
    pango_layout_set_text(layout, out.c_str(), static_cast<int>(out.size()));
}

// Between words, and inside those that are too long: without a hyphen, which would seem to belong
// to a digest.
void setBreaks(PangoLayout* layout) {
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    PangoAttrList* attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
}

// As a PDF's surface has them: lines must not break elsewhere on a screen.
void setFontOptionsOfPdf(PangoContext* context) {
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
}

}  // namespace

double Text::height() const {
    return heightOf(0, m_lines.size());
}

double Text::heightOf(std::size_t first, std::size_t count) const {
    if (count == 0) return 0.0;
    return m_lines[first + count - 1].bottom - m_lines[first].top;
}

std::size_t Text::linesWithin(std::size_t first, double height) const {
    std::size_t count = 0;
    while (first + count < m_lines.size() && heightOf(first, count + 1) <= height) ++count;
    return count;
}

double Text::naturalWidth() const {
    int width = 0;
    pango_layout_get_size(m_layout.get(), &width, nullptr);
    return width / kPango;
}

void Text::findLines() {
    PangoLayoutIter* iter = pango_layout_get_iter(m_layout.get());
    do {
        PangoRectangle box;
        pango_layout_iter_get_line_extents(iter, nullptr, &box);
        int top = 0;
        int bottom = 0;
        pango_layout_iter_get_line_yrange(iter, &top, &bottom);
        m_lines.push_back({pango_layout_iter_get_line_readonly(iter), box.x / kPango, top / kPango,
                           bottom / kPango, pango_layout_iter_get_baseline(iter) / kPango});
    } while (pango_layout_iter_next_line(iter) != 0);
    pango_layout_iter_free(iter);
}

Text Canvas::text(std::string_view utf8, const TextStyle& style, double width) const {
    Text out;
    out.m_colour = style.colour;
    out.m_layout.reset(pango_cairo_create_layout(m_cairo.get()));
    PangoLayout* layout = out.m_layout.get();
    pango_cairo_context_set_resolution(pango_layout_get_context(layout), 72.0);
    if (m_medium == Medium::Recordings) setFontOptionsOfPdf(pango_layout_get_context(layout));
    pango_layout_context_changed(layout);
    pango_layout_set_font_description(layout, fontOf(style).get());
    setBreaks(layout);
    pango_layout_set_line_spacing(layout, static_cast<float>(style.leading));
    if (style.align == Align::End) pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT);
    if (width > 0.0) pango_layout_set_width(layout, static_cast<int>(std::ceil(width * kPango)));
    if (style.maxLines > 0) {
        pango_layout_set_height(layout, -style.maxLines);
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    }
    const std::string clean = settable(utf8);
    pango_layout_set_text(layout, clean.c_str(), static_cast<int>(clean.size()));
    writeCodes(layout);
    out.findLines();
    return out;
}

void Canvas::drawLines(const Text& text, std::size_t first, std::size_t count, double x,
                       double top) {
    if (!isDrawing() || count == 0) return;
    colour(text.m_colour);
    const double shift = top - text.m_lines[first].top;
    for (std::size_t i = first; i < first + count; ++i) {
        const Text::Line& line = text.m_lines[i];
        cairo_move_to(m_cairo.get(), x + line.x, line.baseline + shift);
        pango_cairo_show_layout_line(m_cairo.get(), line.line);
    }
}

void Canvas::draw(const Text& text, double x, double top) {
    drawLines(text, 0, text.lines(), x, top);
}

}  // namespace driftlens::pdf
