#include "reports/figures/dot_rows.h"

#include "core/base/display_text.h"
#include "core/base/text.h"
#include "reports/figures/plot.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr int kWidth = 720, kLabelWidth = 220, kNoteWidth = 166;
constexpr int kTop = 22, kRowHeight = 24, kAxisHeight = 42, kLegendHeight = 22;
constexpr std::size_t kLabelColumns = 34, kNoteColumns = 26;

double xOf(double value) {
    return std::lerp(static_cast<double>(kLabelWidth), static_cast<double>(kWidth - kNoteWidth),
                     (std::clamp(value, -1.0, 1.0) + 1.0) / 2.0);
}

int pixel(double value) {
    return static_cast<int>(std::lround(value));
}

std::string axis(int bottom, const std::string& title) {
    std::string out;
    for (const double tick : {-1.0, -0.5, 0.0, 0.5, 1.0})
        out += svgLine(xOf(tick), kTop, xOf(tick), bottom, "stroke=\"#e2e5e9\"") +
               svgText(pixel(xOf(tick)), bottom + 16, formatNumber(tick, 2), "middle", kLabelFont);
    return out + svgLine(xOf(-1.0), bottom, xOf(1.0), bottom, "stroke=\"#667\"") +
           svgText(pixel(xOf(0.0)), bottom + 33, title, "middle", kLabelFont);
}

std::string dots(const DotRow& row, int y) {
    std::string out;
    for (std::size_t kind = 0; kind < row.kinds.size(); ++kind)
        for (const double value : row.kinds[kind])
            if (std::isfinite(value))
                out += svgMarker(xOf(value), y, kind, seriesColour(kind), false);
    return out;
}

std::string legend(const std::vector<std::string>& names, int y) {
    std::string out;
    int x = kLabelWidth;
    for (std::size_t i = 0; i < names.size(); ++i) {
        out += svgMarker(x + 6, y, i, seriesColour(i), false) +
               svgText(x + 16, y + 4, names[i], "start", kLabelFont);
        x += 40 + static_cast<int>(displayColumns(names[i])) * 7;
    }
    return out;
}

}  // namespace

std::string dotRowsSvg(const std::vector<DotRow>& rows, const std::vector<std::string>& kindNames,
                       double limit, const std::string& limitText, const std::string& axisTitle,
                       const std::string& title) {
    if (rows.empty()) return "";
    const int bottom = kTop + kRowHeight * static_cast<int>(rows.size());
    std::string elements = axis(bottom, axisTitle) +
                           svgLine(xOf(limit), kTop - 4, xOf(limit), bottom,
                                   "stroke=\"#667\" stroke-dasharray=\"6 4\"") +
                           svgText(pixel(xOf(limit)), 12, limitText, "middle", kLabelFont);
    std::string said;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const int y = kTop + kRowHeight * static_cast<int>(i) + kRowHeight / 2;
        elements += svgText(kLabelWidth - 10, y + 4, cutText(rows[i].name, kLabelColumns), "end",
                            kLabelFont) +
                    dots(rows[i], y) +
                    svgText(kWidth - kNoteWidth + 10, y + 4, cutText(rows[i].note, kNoteColumns),
                            "start", kLabelFont);
        said += (said.empty() ? "" : "; ") + rows[i].name + ": " + rows[i].note;
    }
    const bool hasLegend = kindNames.size() > 1;
    if (hasLegend) elements += legend(kindNames, bottom + kAxisHeight + 8);
    const int height = bottom + kAxisHeight + (hasLegend ? kLegendHeight : 0);
    return svgFigure({elements, kWidth, height}, {title, axisTitle + ". " + said + "."});
}

}  // namespace driftlens
