#include "reports/figures/pareto.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

std::string sizeText(double bytes) {
    return formatBytes(static_cast<unsigned long long>(std::max(bytes, 0.0)));
}

std::string pointText(const ParetoPoint& point, bool isOnFront) {
    std::string out =
        point.name + ": " + sizeText(point.bytes) + ", " + formatNumber(point.drift, 3);
    if (point.low && point.high)
        out += " (" + formatNumber(*point.low, 3) + " to " + formatNumber(*point.high, 3) + ")";
    return out + (isOnFront ? ", not beaten" : "");
}

std::string interval(const Plot& plot, const ParetoPoint& point, const std::string& colour) {
    if (!point.low || !point.high) return "";
    const double x = plot.x(point.bytes / 1e6), low = plot.y(*point.low),
                 high = plot.y(*point.high);
    const std::string stroke = "stroke=\"" + colour + "\" stroke-width=\"1.5\"";
    return svgLine(x, low, x, high, stroke) + svgLine(x - 5, low, x + 5, low, stroke) +
           svgLine(x - 5, high, x + 5, high, stroke);
}

}  // namespace

std::vector<bool> paretoFront(const std::vector<ParetoPoint>& points) {
    std::vector<bool> out;
    for (const ParetoPoint& own : points) {
        out.push_back(std::none_of(points.begin(), points.end(), [&](const ParetoPoint& other) {
            const bool isNoWorse = other.bytes <= own.bytes && other.drift <= own.drift;
            return isNoWorse && (other.bytes < own.bytes || other.drift < own.drift);
        }));
    }
    return out;
}

std::string paretoSvg(const std::vector<ParetoPoint>& points, const std::string& driftTitle,
                      const std::string& title) {
    if (points.empty()) return "";
    std::vector<double> sizes, drifts;
    for (const ParetoPoint& point : points) {
        sizes.push_back(point.bytes / 1e6);
        for (const double each : {point.drift, point.low.value_or(0.0), point.high.value_or(0.0)})
            drifts.push_back(each);
    }
    const Plot plot(axisOver(sizes, "size of the weights (MB)"), axisOver(drifts, driftTitle));
    const std::vector<bool> front = paretoFront(points);
    std::string elements, said;
    std::vector<std::string> legend;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::string colour = seriesColour(i);
        elements +=
            interval(plot, points[i], colour) +
            svgMarker(plot.x(points[i].bytes / 1e6), plot.y(points[i].drift), i, colour, front[i]);
        legend.push_back(pointText(points[i], front[i]));
        said += (said.empty() ? "" : "; ") + legend.back();
    }
    return svgFigure(plot.drawing(elements, legend),
                     {title, "Size of the weights and drift of each model. " + said + "."});
}

}  // namespace driftlens
