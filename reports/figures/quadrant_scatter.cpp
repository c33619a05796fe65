#include "reports/figures/quadrant_scatter.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::size_t kMostPoints = 2000;

std::string countsText(const std::array<std::size_t, 4>& counts) {
    constexpr std::array<const char*, 4> kNames = {
        "same answer, same reasons", "same answer, other reasons", "other answer, same reasons",
        "other answer, other reasons"};
    std::string out;
    for (std::size_t i = 0; i < counts.size(); ++i)
        out += (i == 0 ? "" : "; ") + std::string(kNames[i]) + ": " + std::to_string(counts[i]);
    return out;
}

// Two lines under the plot.
Drawing countsDrawing(const std::array<std::size_t, 4>& counts) {
    const auto text = [](std::size_t n) { return std::to_string(n); };
    Drawing out{"", 720, 40};
    out.elements = svgMarker(70, 10, 0, seriesColour(0), false) +
                   svgText(82, 14,
                           "answer kept: " + text(counts[0]) + " with the same reasons, " +
                               text(counts[1]) + " with other reasons") +
                   svgMarker(70, 28, 1, seriesColour(1)) +
                   svgText(82, 32,
                           "answer changed: " + text(counts[2]) + " with the same reasons, " +
                               text(counts[3]) + " with other reasons");
    return out;
}

}  // namespace

std::string quadrantScatterSvg(const std::vector<ScatterPoint>& points, double margin,
                               const std::string& outputTitle, const std::string& reasonsTitle,
                               const std::string& title) {
    std::vector<double> outputs, reasons = {margin};
    std::array<std::size_t, 4> counts{};
    std::vector<ScatterPoint> finite;
    for (const ScatterPoint& point : points) {
        if (!std::isfinite(point.output) || !std::isfinite(point.reasons)) continue;
        finite.push_back(point);
        outputs.push_back(point.output);
        reasons.push_back(point.reasons);
        ++counts[(point.isFlip ? 2U : 0U) + (point.reasons > margin ? 1U : 0U)];
    }
    if (finite.empty()) return "";
    const Plot plot(axisOver(outputs, outputTitle), axisOver(reasons, reasonsTitle));
    std::string elements =
        svgLine(plot.left(), plot.y(margin), plot.right(), plot.y(margin),
                "stroke=\"#667\" stroke-dasharray=\"6 4\"") +
        svgText(static_cast<int>(plot.right()) - 4, static_cast<int>(plot.y(margin)) - 5,
                "margin " + formatNumber(margin, 3), "end", kLabelFont);
    for (std::size_t i = 0; i < std::min(kMostPoints, finite.size()); ++i) {
        const std::size_t kind = finite[i].isFlip ? 1 : 0;
        elements += svgMarker(plot.x(finite[i].output), plot.y(finite[i].reasons), kind,
                              seriesColour(kind), finite[i].isFlip);
    }
    Drawing out = plot.drawing(elements);
    appendBelow(out, countsDrawing(counts), 4);
    return svgFigure(out, {title, countsText(counts) + "."});
}

}  // namespace driftlens
