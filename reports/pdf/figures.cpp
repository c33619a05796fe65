#include "reports/pdf/figures.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "reports/pdf/flow.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace driftlens::pdf {
namespace {

// Fonts for figures that leave them to their page; sizes as they are in figures of their own.
constexpr std::string_view kFigureFonts =
    "svg{font-family:'Noto Sans','DejaVu Sans',sans-serif;font-size:12px;fill:#222}"
    ".token{font-size:13px}.label{font-size:11px}"
    ".value{font-family:'Noto Sans Mono','DejaVu Sans Mono',monospace;font-size:11px;fill:#444}";

constexpr double kPointsPerPixel = 0.75;
constexpr double kTitleGap = 4.0;
// How much smaller a figure may be than it was drawn, so that it stands on the page where it is
// named instead of leaving the rest of that page empty. Its labels can still be read.
constexpr double kSmallest = 0.8;

struct Drawn {
    Svg svg;
    double width = 0.0, height = 0.0;  // on the page
};

[[noreturn]] void refuse(const FigureBlock& figure, GError* error) {
    const std::string reason = error != nullptr ? error->message : "it has no size";
    if (error != nullptr) g_error_free(error);
    throw Error(ErrorKind::Internal, "pdf: figure " + inQuotes(figure.title) +
                                         " cannot be drawn: " + trimmed(reason).data());
}

Svg parsed(const FigureBlock& figure) {
    GError* error = nullptr;
    Svg svg(rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(figure.svg.data()),
                                      figure.svg.size(), &error));
    if (!svg) refuse(figure, error);
    if (rsvg_handle_set_stylesheet(svg.get(), reinterpret_cast<const guint8*>(kFigureFonts.data()),
                                   kFigureFonts.size(), &error) == 0)
        refuse(figure, error);
    return svg;
}

Text titleOf(const Canvas& canvas, const FigureBlock& figure) {
    return canvas.text(figure.title, kCaption, Canvas::width());
}

double titleHeight(const Canvas& canvas, const FigureBlock& figure) {
    return figure.title.empty() ? 0.0 : titleOf(canvas, figure).height() + kTitleGap;
}

Text noteOf(const Canvas& canvas, const FigureBlock& figure) {
    return canvas.text(figure.description, kSmall, Canvas::width());
}

double noteHeight(const Canvas& canvas, const FigureBlock& figure) {
    return figure.description.empty() ? 0.0 : noteOf(canvas, figure).height() + kTitleGap;
}

// The inverse of escapeXml().
std::string unescapedXml(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}}};
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto* found = std::find_if(kEntities.begin(), kEntities.end(), [&](const auto& each) {
            return text.substr(at).starts_with(each.first);
        });
        const bool isEntity = found != kEntities.end();
        out += isEntity ? found->second : text[at];
        at += isEntity ? found->first.size() : 1;
    }
    return out;
}

// What the figure says of itself to those who cannot see it.
std::string alternativeOf(const FigureBlock& figure) {
    constexpr std::string_view kOpen = "<desc>", kClose = "</desc>";
    const std::size_t begin = figure.svg.find(kOpen);
    const std::size_t end = figure.svg.find(kClose);
    std::string out = figure.title;
    if (begin == std::string::npos || end == std::string::npos) return out;
    return out + (out.empty() ? "" : ". ") +
           unescapedXml(std::string_view(figure.svg)
                            .substr(begin + kOpen.size(), end - begin - kOpen.size()));
}

// As large as it was drawn, or as the page allows.
Drawn drawnOf(const Canvas& canvas, const FigureBlock& figure) {
    Drawn out = {parsed(figure)};
    double width = 0.0;
    double height = 0.0;
    if (rsvg_handle_get_intrinsic_size_in_pixels(out.svg.get(), &width, &height) == 0 ||
        !(width > 0.0) || !(height > 0.0) || !std::isfinite(width * height))
        refuse(figure, nullptr);
    // A point less than there is: title and figure must fit together, however sums are rounded.
    const double texts = titleHeight(canvas, figure) + noteHeight(canvas, figure);
    const double tallest = std::max(Canvas::pageRoom() - texts - 1.0, Canvas::pageRoom() / 2.0);
    const double scale = std::min({kPointsPerPixel, Canvas::width() / width, tallest / height});
    out.width = width * scale;
    out.height = height * scale;
    return out;
}

}  // namespace

void setFigure(Canvas& canvas, const FigureBlock& figure) {
    Drawn drawn = drawnOf(canvas, figure);
    const double title = titleHeight(canvas, figure);
    const double texts = title + noteHeight(canvas, figure);
    const double fitting = (canvas.room() - texts - 1.0) / drawn.height;
    if (fitting < 1.0 && fitting >= kSmallest) {
        drawn.width *= fitting;
        drawn.height *= fitting;
    }
    const double whole = texts + drawn.height;
    canvas.fit(whole <= Canvas::pageRoom() ? whole : title + drawn.height);
    if (!figure.title.empty()) {
        flowText(canvas, titleOf(canvas, figure), Canvas::left(), "Caption");
        canvas.y += kTitleGap;
    }
    canvas.fit(drawn.height);
    {
        const TagScope scope(canvas, "Figure", {}, "/Alt " + pdfTextString(alternativeOf(figure)));
        canvas.figure(drawn.svg.get(), Canvas::left(), canvas.y, drawn.width, drawn.height,
                      inQuotes(figure.title));
    }
    canvas.y += drawn.height;
    if (figure.description.empty()) return;
    canvas.y += kTitleGap;
    flowText(canvas, noteOf(canvas, figure), Canvas::left(), "P");
}

double leadOf(const Canvas& canvas, const FigureBlock& figure) {
    return titleHeight(canvas, figure) + kSmallest * drawnOf(canvas, figure).height +
           noteHeight(canvas, figure) + 1.0;
}

}  // namespace driftlens::pdf
