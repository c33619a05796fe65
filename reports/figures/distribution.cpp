#include "reports/figures/distribution.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::size_t kBins = 16;
constexpr int kHistogramHeight = 150;
constexpr int kCurveHeight = 260;
constexpr std::size_t kMostSteps = 400;  // of a curve; more cannot be told apart

std::vector<double> finiteSorted(std::vector<double> values) {
    std::erase_if(values, [](double value) { return !std::isfinite(value); });
    std::sort(values.begin(), values.end());
    return values;
}

Drawing histogram(const NamedValues& row, const PlotAxis& shared, std::size_t series) {
    std::vector<double> counts(kBins, 0.0);
    const double width = (shared.high - shared.low) / static_cast<double>(kBins);
    for (const double value : row.values) {
        const auto bin = static_cast<std::size_t>((value - shared.low) / width);
        ++counts[std::min(bin, kBins - 1)];
    }
    PlotAxis axis = shared;
    axis.title = row.name + " (" + std::to_string(row.values.size()) + " examples)";
    const Plot plot(axis, axisOver(counts, "examples"), 720, kHistogramHeight);
    std::string bars;
    for (std::size_t i = 0; i < kBins; ++i) {
        if (counts[i] == 0.0) continue;
        const double from = plot.x(shared.low + width * static_cast<double>(i));
        const double to = plot.x(shared.low + width * static_cast<double>(i + 1));
        const double top = plot.y(counts[i]);
        bars += svgPath("M" + plotNumber(from + 1) + " " + plotNumber(plot.bottom()) + "V" +
                            plotNumber(top) + "H" + plotNumber(to - 1) + "V" +
                            plotNumber(plot.bottom()) + "Z",
                        "fill=\"" + seriesColour(series) + "\" fill-opacity=\"0.75\"");
        bars += svgText(static_cast<int>((from + to) / 2), std::max(static_cast<int>(top) - 3, 10),
                        formatNumber(counts[i], 6), "middle", kLabelFont);
    }
    return plot.drawing(bars);
}

std::string curve(const Plot& plot, const std::vector<double>& sorted, std::size_t series) {
    std::string path = "M" + plotNumber(plot.left()) + " " + plotNumber(plot.y(0.0));
    const std::size_t stride = std::max<std::size_t>(1, sorted.size() / kMostSteps);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i % stride != 0 && i + 1 != sorted.size()) continue;
        const double share = static_cast<double>(i + 1) / static_cast<double>(sorted.size());
        path += "H" + plotNumber(plot.x(sorted[i])) + "V" + plotNumber(plot.y(share));
    }
    path += "H" + plotNumber(plot.right());
    return svgPath(path, "fill=\"none\" stroke-width=\"2\" stroke=\"" + seriesColour(series) +
                             "\"" + seriesDash(series));
}

}  // namespace

std::string distributionSvg(const std::vector<NamedValues>& rows, const std::string& axisTitle,
                            const std::string& title) {
    std::vector<NamedValues> finite;
    std::vector<double> all;
    for (const NamedValues& row : rows) {
        finite.push_back({row.name, finiteSorted(row.values)});
        all.insert(all.end(), finite.back().values.begin(), finite.back().values.end());
    }
    if (all.empty()) return "";
    const PlotAxis axis = axisOver(all, axisTitle);
    Drawing out;
    std::string medians;
    std::vector<std::string> legend;
    const Plot plot(axis, {0.0, 1.0, "share of examples at or below", false}, 720, kCurveHeight);
    std::string curves;
    for (std::size_t i = 0; i < finite.size(); ++i) {
        const std::vector<double>& values = finite[i].values;
        if (values.empty()) {
            legend.push_back(finite[i].name + ": no value");
            continue;
        }
        appendBelow(out, histogram(finite[i], axis, i), out.height > 0 ? 6 : 0);
        const std::string median = formatNumber(values[(values.size() - 1) / 2], 3);
        legend.push_back(finite[i].name + ": median " + median + ", most " +
                         formatNumber(values.back(), 3));
        medians += (medians.empty() ? "" : "; ") + legend.back();
        curves +=
            svgMarker(plot.x(values[(values.size() - 1) / 2]), plot.y(0.5), i, seriesColour(i)) +
            curve(plot, values, i);
    }
    appendBelow(out, plot.drawing(curves, legend), 10);
    return svgFigure(out, {title, "Counts of examples by " + axisTitle +
                                      ", then the share of "
                                      "examples at or below each value. " +
                                      medians + "."});
}

}  // namespace driftlens
