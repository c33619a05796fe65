#include "reports/pdf/canvas.h"

#include "core/base/error.h"

#include <algorithm>
#include <numbers>
#include <utility>

namespace driftlens::pdf {
namespace {

cairo_status_t appendBytes(void* bytes, const unsigned char* data, unsigned size) {
    static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), size);
    return CAIRO_STATUS_SUCCESS;
}

cairo_status_t dropBytes(void*, const unsigned char*, unsigned) {
    return CAIRO_STATUS_SUCCESS;
}

void requireFine(cairo_status_t status) {
    if (status != CAIRO_STATUS_SUCCESS)
        throw Error(ErrorKind::Internal,
                    std::string("pdf: Cairo: ") + cairo_status_to_string(status));
}

cairo_surface_t* newRecording() {
    const cairo_rectangle_t page = {0.0, 0.0, kPageWidth, kPageHeight};
    return cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &page);
}

struct ReleaseError {
    void operator()(GError* error) const { g_error_free(error); }
};

}  // namespace

Canvas::Canvas(PageFrame frame, Medium medium, std::function<void()> onPage)
    : m_frame(std::move(frame)), m_medium(medium), m_onPage(std::move(onPage)) {
    const bool isPdf = medium == Medium::Pdf;
    m_surface.reset(medium == Medium::Recordings
                        ? newRecording()
                        : cairo_pdf_surface_create_for_stream(isPdf ? appendBytes : dropBytes,
                                                              &m_bytes, kPageWidth, kPageHeight));
    m_cairo.reset(cairo_create(m_surface.get()));
    requireFine(cairo_status(m_cairo.get()));
    beginPage();
}

// The surface writes to m_bytes until it is finished.
Canvas::~Canvas() {
    cairo_surface_finish(m_surface.get());
}

void Canvas::colour(Colour colour) {
    cairo_set_source_rgb(m_cairo.get(), colour.red, colour.green, colour.blue);
}

void Canvas::beginPage() {
    ++m_page;
    drawFrame();
    y = top();
}

// The first page has a title of its own.
void Canvas::drawFrame() {
    if (!isDrawing()) return;
    constexpr double kNumberWidth = 110.0;
    const double foot = kPageHeight - 44.0;
    rule(left(), foot, width(), kFaint);
    const std::string page =
        "page " + std::to_string(m_page) + " of " + std::to_string(m_frame.pages);
    TextStyle style = kSmall;
    style.size = 7.5;
    style.maxLines = 1;
    if (!m_frame.sha256.empty())
        draw(text("Driftlens · SHA-256 " + m_frame.sha256.substr(0, 16) + "…", style,
                  width() - kNumberWidth),
             left(), foot + 6.0);
    style.align = Align::End;
    draw(text(page, style, kNumberWidth), left() + width() - kNumberWidth, foot + 6.0);
    if (m_page == 1) return;
    style.align = Align::Start;
    draw(text(m_frame.title, style, width()), left(), 38.0);
    rule(left(), 53.0, width(), kFaint);
}

void Canvas::endPage() {
    cairo_show_page(m_cairo.get());
    requireFine(cairo_status(m_cairo.get()));
    if (m_medium != Medium::Recordings) return;
    m_recordings.push_back(std::move(m_surface));
    m_surface.reset(newRecording());
    m_cairo.reset(cairo_create(m_surface.get()));
}

void Canvas::breakPage() {
    if (m_onPage) m_onPage();
    for (std::size_t i = m_tags.size(); i > 0 && isTagged(); --i)
        cairo_tag_end(m_cairo.get(), m_tags[i - 1].name);
    endPage();
    beginPage();
    if (!isTagged()) return;
    for (const Tag& tag : m_tags) begin(tag);
}

void Canvas::fit(double height) {
    if (height > room() && !isAtTop()) breakPage();
}

void Canvas::space(double height) {
    if (!isAtTop()) y += height;
}

void Canvas::rectangle(double x, double top, double width, double height, Colour fill,
                       double radius) {
    if (!isDrawing() || width <= 0.0 || height <= 0.0) return;
    cairo_t* cairo = m_cairo.get();
    constexpr double kRight = std::numbers::pi / 2.0;
    const double r = std::min({radius, width / 2.0, height / 2.0});
    cairo_new_path(cairo);
    if (r <= 0.0) {
        cairo_rectangle(cairo, x, top, width, height);
    } else {
        cairo_arc(cairo, x + width - r, top + r, r, -kRight, 0.0);
        cairo_arc(cairo, x + width - r, top + height - r, r, 0.0, kRight);
        cairo_arc(cairo, x + r, top + height - r, r, kRight, 2.0 * kRight);
        cairo_arc(cairo, x + r, top + r, r, 2.0 * kRight, 3.0 * kRight);
        cairo_close_path(cairo);
    }
    colour(fill);
    cairo_fill(cairo);
}

void Canvas::rule(double x, double top, double width, Colour colour, double thickness) {
    rectangle(x, top - thickness / 2.0, width, thickness, colour);
}

void Canvas::figure(RsvgHandle* svg, double x, double top, double width, double height,
                    std::string_view name) {
    if (!isDrawing()) return;
    const RsvgRectangle box = {x, top, width, height};
    GError* raw = nullptr;
    cairo_save(m_cairo.get());
    const bool isDrawn = rsvg_handle_render_document(svg, m_cairo.get(), &box, &raw) != 0;
    cairo_restore(m_cairo.get());
    const std::unique_ptr<GError, ReleaseError> error(raw);
    if (!isDrawn)
        throw Error(ErrorKind::Internal, "pdf: figure " + std::string(name) + " cannot be drawn: " +
                                             (error ? error->message : "no reason given"));
}

void Canvas::begin(const Tag& tag) {
    cairo_tag_begin(m_cairo.get(), tag.name, tag.attributes.c_str());
    m_marks.push_back({tag.name, tag.extra});
}

void Canvas::openTag(const char* name, const std::string& attributes, const std::string& extra) {
    m_tags.push_back({name, attributes, extra});
    if (isTagged()) begin(m_tags.back());
}

void Canvas::closeTag() {
    if (isTagged()) cairo_tag_end(m_cairo.get(), m_tags.back().name);
    m_tags.pop_back();
}

void Canvas::destination(const std::string& name) {
    if (!isTagged()) return;
    const std::string attributes = "name='" + name + "' x=" + std::to_string(left()) +
                                   " y=" + std::to_string(std::max(0.0, y - 12.0));
    cairo_tag_begin(m_cairo.get(), CAIRO_TAG_DEST, attributes.c_str());
    cairo_tag_end(m_cairo.get(), CAIRO_TAG_DEST);
}

int Canvas::outline(const std::string& title, const std::string& destination, int parent) {
    if (!isTagged()) return 0;
    const std::string link = "dest='" + destination + "'";
    const auto flags = parent == CAIRO_PDF_OUTLINE_ROOT ? CAIRO_PDF_OUTLINE_FLAG_OPEN
                                                        : cairo_pdf_outline_flags_t{};
    return cairo_pdf_surface_add_outline(m_surface.get(), parent, title.c_str(), link.c_str(),
                                         flags);
}

// Without a date Cairo writes its own, and the bytes would differ from run to run; what it cannot
// read as a date it leaves out.
void Canvas::metadata(const std::string& title, const std::string& subject,
                      const std::string& created) {
    cairo_surface_t* surface = m_surface.get();
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title.c_str());
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, "Driftlens");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, subject.c_str());
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Driftlens");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, created.c_str());
}

std::string Canvas::finish() {
    cairo_show_page(m_cairo.get());
    requireFine(cairo_status(m_cairo.get()));
    m_cairo.reset();
    cairo_surface_finish(m_surface.get());
    requireFine(cairo_surface_status(m_surface.get()));
    return withStructure(std::move(m_bytes), m_marks, m_frame.language);
}

std::vector<Surface> Canvas::takeRecordings() {
    endPage();
    m_cairo.reset();
    return std::move(m_recordings);
}

}  // namespace driftlens::pdf
