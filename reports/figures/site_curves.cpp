#include "reports/figures/site_curves.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::size_t kMostNames = 12;  // of layers under the axis

constexpr int kWidth = 720, kHeight = 240;

// "0", "1", …: their places are their names.
bool isCounted(const std::vector<std::string>& layers) {
    for (std::size_t i = 0; i < layers.size(); ++i)
        if (layers[i] != std::to_string(i)) return false;
    return true;
}

struct Curve {
    std::string path, markers;
    std::size_t largest = 0;
};

Curve curveOf(const Plot& plot, const std::vector<double>& values, std::size_t series) {
    Curve out;
    bool isOpen = false;
    double most = -INFINITY;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            isOpen = false;
            continue;
        }
        const double x = plot.x(static_cast<double>(i)), y = plot.y(values[i]);
        out.path += (isOpen ? "L" : "M") + plotNumber(x) + " " + plotNumber(y);
        out.markers += svgMarker(x, y, series, seriesColour(series));
        isOpen = true;
        if (values[i] > most) {
            most = values[i];
            out.largest = i;
        }
    }
    return out;
}

}  // namespace

std::string siteCurvesSvg(const std::vector<std::string>& layers,
                          const std::vector<NamedValues>& rows, const std::string& valueTitle,
                          const std::string& title) {
    if (layers.empty() || rows.empty()) return "";
    std::vector<double> all;
    for (const NamedValues& row : rows) all.insert(all.end(), row.values.begin(), row.values.end());
    const double last = static_cast<double>(std::max<std::size_t>(layers.size() - 1, 1));
    const std::string place = isCounted(layers) ? "layer" : "place, from the input: number";
    const Plot plot({0.0, last, place, false, true}, axisOver(all, valueTitle), kWidth, kHeight);
    std::string elements, said;
    std::vector<std::string> legend;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::vector<double> values = rows[i].values;
        values.resize(layers.size(), NAN);
        const Curve curve = curveOf(plot, values, i);
        legend.push_back(rows[i].name);
        if (curve.path.empty()) continue;
        const double most = values[curve.largest];
        legend.back() += ": most " + formatNumber(most, 3) + " at " + layers[curve.largest];
        said += (said.empty() ? "" : "; ") + legend.back();
        elements += svgPath(curve.path, "fill=\"none\" stroke-width=\"2\" stroke=\"" +
                                            seriesColour(i) + "\"" + seriesDash(i)) +
                    curve.markers;
    }
    const std::string range =
        layers.size() > kMostNames ? layers.front() + " to " + layers.back() : "";
    return svgFigure(plot.drawing(elements, legend),
                     {title, valueTitle + " by layer" + (range.empty() ? "" : ", " + range) + ". " +
                                 said + "."});
}

}  // namespace driftlens
