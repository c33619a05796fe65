#include "reports/figures/removal_curves.h"

#include "core/base/text.h"
#include "reports/figures/plot.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr int kPlotWidth = 356, kPlotHeight = 236, kGap = 8;
constexpr int kTitleHeight = 20, kLegendLine = 18;
constexpr std::size_t kMostMarkers = 24, kMostPoints = 400;  // of one curve
constexpr std::size_t kNameColumns = 60;

std::string curve(const Plot& plot, const std::vector<double>& values, std::size_t series) {
    std::string path, markers;
    bool isOpen = false;
    const std::size_t last = std::max<std::size_t>(values.size(), 1) - 1;
    const std::size_t step = 1 + values.size() / kMostMarkers;
    const std::size_t stride = 1 + values.size() / kMostPoints;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i % stride != 0 && i != last) continue;
        if (!std::isfinite(values[i])) {
            isOpen = false;
            continue;
        }
        const double share =
            static_cast<double>(i) / static_cast<double>(std::max<std::size_t>(last, 1));
        path +=
            (isOpen ? "L" : "M") + plotNumber(plot.x(share)) + " " + plotNumber(plot.y(values[i]));
        if (i / step != (i + stride) / step)
            markers += svgMarker(plot.x(share), plot.y(values[i]), series, seriesColour(series));
        isOpen = true;
    }
    if (path.empty()) return "";
    return svgPath(path, "fill=\"none\" stroke-width=\"2\" stroke=\"" + seriesColour(series) +
                             "\"" + seriesDash(series)) +
           markers;
}

using CurveOf = std::vector<double> RemovalRow::*;

Drawing plotOf(const std::vector<RemovalRow>& rows, CurveOf which, const PlotAxis& values,
               const char* title, const char* shareTitle) {
    const Plot plot({0.0, 1.0, shareTitle, false, false}, values, kPlotWidth, kPlotHeight);
    std::string elements;
    for (std::size_t i = 0; i < rows.size(); ++i) elements += curve(plot, rows[i].*which, i);
    Drawing out{
        svgText(kPlotWidth / 2, 14, title, "middle", "font-size=\"12\" font-weight=\"bold\""),
        kPlotWidth, kTitleHeight};
    appendBelow(out, plot.drawing(elements));
    return out;
}

std::string areaText(double area) {
    return std::isfinite(area) ? formatNumber(area, 3) : "–";
}

std::string said(const RemovalRow& row) {
    return cutText(row.name, kNameColumns) + ": area " + areaText(areaUnderCurve(row.deletion)) +
           " removing, " + areaText(areaUnderCurve(row.insertion)) + " keeping";
}

Drawing legendOf(const std::vector<RemovalRow>& rows) {
    Drawing out{"", 2 * kPlotWidth + kGap, 0};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const int y = out.height + 10;
        const std::string colour = seriesColour(i);
        out.elements +=
            svgLine(64, y, 92, y, "stroke=\"" + colour + "\" stroke-width=\"2\"" + seriesDash(i)) +
            svgMarker(78, y, i, colour) + svgText(98, y + 4, said(rows[i]), "start", kLabelFont);
        out.height += kLegendLine;
    }
    return out;
}

}  // namespace

double areaUnderCurve(const std::vector<double>& curve) {
    if (curve.size() < 2) return NAN;
    double sum = 0.0;
    for (std::size_t i = 1; i < curve.size(); ++i) sum += (curve[i - 1] + curve[i]) / 2.0;
    return sum / static_cast<double>(curve.size() - 1);
}

std::string removalCurvesSvg(const std::vector<RemovalRow>& rows, const std::string& valueTitle,
                             const std::string& title) {
    std::vector<double> all;
    std::string words;
    for (const RemovalRow& row : rows) {
        all.insert(all.end(), row.deletion.begin(), row.deletion.end());
        all.insert(all.end(), row.insertion.begin(), row.insertion.end());
        words += (words.empty() ? "" : "; ") + said(row);
    }
    if (std::none_of(all.begin(), all.end(), [](double v) { return std::isfinite(v); })) return "";
    const PlotAxis values = axisOver(all, valueTitle);
    Drawing out = plotOf(rows, &RemovalRow::deletion, values, "removing the most important first",
                         "share of the text removed");
    appendBeside(out,
                 plotOf(rows, &RemovalRow::insertion, values, "keeping the most important first",
                        "share of the text kept"),
                 kGap);
    appendBelow(out, legendOf(rows), 4);
    return svgFigure(out, {title, valueTitle +
                                      " while a text is taken apart and built up in the "
                                      "order of the explanation. " +
                                      words + "."});
}

}  // namespace driftlens
