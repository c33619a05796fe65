#include "reports/pdf/page_images.h"

#include "core/base/error.h"
#include "reports/pdf/recorded_pages.h"

#include <array>
#include <cairo-svg.h>
#include <cmath>
#include <mutex>

namespace driftlens {
namespace {

using namespace pdf;

void requireFine(cairo_status_t status) {
    if (status != CAIRO_STATUS_SUCCESS)
        throw Error(ErrorKind::Internal,
                    std::string("report page: Cairo: ") + cairo_status_to_string(status));
}

cairo_status_t appendBytes(void* bytes, const unsigned char* data, unsigned size) {
    static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), size);
    return CAIRO_STATUS_SUCCESS;
}

// White paper, and the page on it.
void drawPage(cairo_surface_t* page, cairo_surface_t* target, double scale) {
    const Context cairo(cairo_create(target));
    cairo_set_source_rgb(cairo.get(), 1.0, 1.0, 1.0);
    cairo_paint(cairo.get());
    cairo_scale(cairo.get(), scale, scale);
    cairo_set_source_surface(cairo.get(), page, 0.0, 0.0);
    cairo_paint(cairo.get());
    requireFine(cairo_status(cairo.get()));
}

PageImage blank(int width, int height) {
    PageImage out{width, height, cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, width), {}};
    out.pixels.resize(static_cast<std::size_t>(out.stride) * static_cast<std::size_t>(height));
    return out;
}

// Cairo sets letters on whole pixels: where these are large, words would seem to be spaced by
// chance. So the page is drawn larger, and the mean of its pixels taken.
int timesFor(double pixelsPerPoint) {
    return pixelsPerPoint < 1.75 ? 3 : pixelsPerPoint < 3.0 ? 2 : 1;
}

void shrink(const PageImage& large, int times, PageImage& out) {
    const unsigned count = static_cast<unsigned>(times) * static_cast<unsigned>(times);
    for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
            std::array<unsigned, 3> sums{};
            for (int row = 0; row < times; ++row) {
                const unsigned char* from =
                    large.pixels.data() + (y * times + row) * large.stride + 4 * x * times;
                for (int i = 0; i < times; ++i, from += 4)
                    for (std::size_t channel = 0; channel < 3; ++channel)
                        sums[channel] += from[channel];
            }
            unsigned char* to = out.pixels.data() + y * out.stride + 4 * x;
            for (std::size_t channel = 0; channel < 3; ++channel)
                to[channel] = static_cast<unsigned char>((sums[channel] + count / 2) / count);
        }
    }
}

}  // namespace

struct PageImages::State {
    std::vector<Surface> pages;
    std::vector<std::size_t> sections;
    std::mutex drawing;  // to draw a recording changes it
};

PageImages::PageImages(const ReportLayout& layout, const std::function<void()>& onPage)
    : m_state(std::make_unique<State>()) {
    RecordedPages recorded = recordPages(layout, onPage);
    m_state->pages = std::move(recorded.pages);
    for (const int page : recorded.sections)
        m_state->sections.push_back(static_cast<std::size_t>(page - 1));
}

PageImages::~PageImages() = default;

double PageImages::width() {
    return kPageWidth;
}

double PageImages::height() {
    return kPageHeight;
}

std::size_t PageImages::count() const {
    return m_state->pages.size();
}

const std::vector<std::size_t>& PageImages::sectionPages() const {
    return m_state->sections;
}

PageImage PageImages::image(std::size_t page, double pixelsPerPoint) const {
    PageImage out = blank(static_cast<int>(std::lround(kPageWidth * pixelsPerPoint)),
                          static_cast<int>(std::lround(kPageHeight * pixelsPerPoint)));
    const int times = timesFor(pixelsPerPoint);
    PageImage large = blank(out.width * times, out.height * times);
    {
        const std::lock_guard lock(m_state->drawing);
        const Surface target(cairo_image_surface_create_for_data(
            large.pixels.data(), CAIRO_FORMAT_RGB24, large.width, large.height, large.stride));
        drawPage(m_state->pages.at(page).get(), target.get(), pixelsPerPoint * times);
        cairo_surface_flush(target.get());
    }
    if (times == 1) return large;
    shrink(large, times, out);
    return out;
}

std::string PageImages::svg(std::size_t page) const {
    std::string out;
    const std::lock_guard lock(m_state->drawing);
    const Surface target(
        cairo_svg_surface_create_for_stream(appendBytes, &out, kPageWidth, kPageHeight));
    drawPage(m_state->pages.at(page).get(), target.get(), 1.0);
    cairo_surface_finish(target.get());
    requireFine(cairo_surface_status(target.get()));
    return out;
}

}  // namespace driftlens
