#include "reports/figures/plot.h"

#include "core/base/display_text.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace driftlens {
namespace {

constexpr int kLeft = 64, kRight = 16, kTop = 12, kBottom = 44;
constexpr int kLegendLine = 18;
constexpr int kLegendCharacter = 7;

// Okabe and Ito's colours, without the yellow that white paper swallows.
constexpr std::array<const char*, 8> kColours = {"#0072b2", "#d55e00", "#007a5a", "#a8467f",
                                                 "#222222", "#3a8fb7", "#9a6a00", "#6b4fa0"};
constexpr std::array<const char*, 4> kDashes = {
    "", " stroke-dasharray=\"7 4\"", " stroke-dasharray=\"2 3\"", " stroke-dasharray=\"9 3 2 3\""};

// 1, 2 or 5 times a power of ten.
double roundStep(double span) {
    const double power = std::pow(10.0, std::floor(std::log10(span / 5.0)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (span / (factor * power) <= 6.0) return factor * power;
    return 10.0 * power;
}

std::vector<double> ticksOf(const PlotAxis& axis) {
    std::vector<double> out;
    if (axis.isLogarithmic) {
        for (double power = std::floor(std::log10(axis.low)); power <= std::log10(axis.high);
             ++power)
            for (const double factor : {1.0, 2.0, 5.0}) {
                const double tick = factor * std::pow(10.0, power);
                if (tick >= axis.low * 0.999 && tick <= axis.high * 1.001) out.push_back(tick);
            }
        return out;
    }
    const double wanted = roundStep(axis.high - axis.low);
    const double step = axis.isWhole ? std::max(1.0, wanted) : wanted;
    for (double tick = std::ceil(axis.low / step - 1e-9) * step; tick <= axis.high + step * 1e-6;
         tick += step)
        out.push_back(std::abs(tick) < step * 1e-9 ? 0.0 : tick);
    return out;
}

double shareOn(const PlotAxis& axis, double value) {
    if (!axis.isLogarithmic) return (value - axis.low) / (axis.high - axis.low);
    const double safe = std::max(value, axis.low);
    return std::log(safe / axis.low) / std::log(axis.high / axis.low);
}

std::string textAt(double x, double y, std::string_view text, std::string_view anchor) {
    return svgText(static_cast<int>(std::lround(x)), static_cast<int>(std::lround(y)), text, anchor,
                   kLabelFont);
}

}  // namespace

PlotAxis axisOver(const std::vector<double>& values, std::string title, bool withZero) {
    double low = withZero ? 0.0 : INFINITY, high = withZero ? 0.0 : -INFINITY;
    for (const double value : values) {
        if (!std::isfinite(value)) continue;
        low = std::min(low, value);
        high = std::max(high, value);
    }
    if (!(low <= high)) low = high = 0.0;
    if (low == high) high = low + (low == 0.0 ? 1.0 : std::abs(low));
    const double step = roundStep(high - low);
    return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step,
            std::move(title), false, false};
}

std::string seriesColour(std::size_t index) {
    return kColours[index % kColours.size()];
}

std::string seriesDash(std::size_t index) {
    return kDashes[index % kDashes.size()];
}

std::string plotNumber(double value) {
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.1f", value);
    return out.data();
}

std::string svgLine(double x1, double y1, double x2, double y2, std::string_view attributes) {
    return "<line x1=\"" + plotNumber(x1) + "\" y1=\"" + plotNumber(y1) + "\" x2=\"" +
           plotNumber(x2) + "\" y2=\"" + plotNumber(y2) + "\" " + std::string(attributes) + "/>";
}

std::string svgPath(const std::string& path, std::string_view attributes) {
    return "<path d=\"" + path + "\" " + std::string(attributes) + "/>";
}

std::string svgMarker(double x, double y, std::size_t series, std::string_view colour,
                      bool isFull) {
    const std::string paint = "stroke=\"" + std::string(colour) +
                              "\" stroke-width=\"1.5\" fill=\"" +
                              (isFull ? std::string(colour) : "#fff") + "\"";
    const auto at = [&](double dx, double dy) {
        return plotNumber(x + dx) + " " + plotNumber(y + dy);
    };
    switch (series % 4) {
        case 0:
            return "<circle cx=\"" + plotNumber(x) + "\" cy=\"" + plotNumber(y) + "\" r=\"4\" " +
                   paint + "/>";
        case 1:
            return svgPath(
                "M" + at(-4, -4) + "L" + at(4, -4) + "L" + at(4, 4) + "L" + at(-4, 4) + "Z", paint);
        case 2:
            return svgPath("M" + at(0, -5) + "L" + at(5, 4) + "L" + at(-5, 4) + "Z", paint);
        default:
            return svgPath(
                "M" + at(0, -5) + "L" + at(5, 0) + "L" + at(0, 5) + "L" + at(-5, 0) + "Z", paint);
    }
}

Plot::Plot(PlotAxis x, PlotAxis y, int width, int height)
    : m_x(std::move(x)), m_y(std::move(y)), m_width(width), m_height(height) {}

double Plot::left() const {
    return kLeft;
}
double Plot::right() const {
    return m_width - kRight;
}
double Plot::top() const {
    return kTop;
}
double Plot::bottom() const {
    return m_height - kBottom;
}

double Plot::x(double value) const {
    return std::lerp(left(), right(), std::clamp(shareOn(m_x, value), 0.0, 1.0));
}

double Plot::y(double value) const {
    return std::lerp(bottom(), top(), std::clamp(shareOn(m_y, value), 0.0, 1.0));
}

Drawing Plot::drawing(const std::string& elements, const std::vector<std::string>& legend) const {
    constexpr const char* kGrid = "stroke=\"#e2e5e9\"";
    constexpr const char* kFrame = "stroke=\"#667\"";
    Drawing out{"", m_width, m_height};
    for (const double tick : ticksOf(m_x)) {
        out.elements += svgLine(x(tick), top(), x(tick), bottom(), kGrid) +
                        textAt(x(tick), bottom() + 16, formatNumber(tick, 3), "middle");
    }
    for (const double tick : ticksOf(m_y)) {
        out.elements += svgLine(left(), y(tick), right(), y(tick), kGrid) +
                        textAt(left() - 6, y(tick) + 4, formatNumber(tick, 3), "end");
    }
    out.elements += svgLine(left(), bottom(), right(), bottom(), kFrame) +
                    svgLine(left(), top(), left(), bottom(), kFrame) +
                    textAt((left() + right()) / 2, bottom() + 34, m_x.title, "middle");
    const std::string middle = plotNumber((top() + bottom()) / 2);
    out.elements +=
        svgText(14, static_cast<int>((top() + bottom()) / 2), m_y.title, "middle",
                std::string(kLabelFont) + " transform=\"rotate(-90 14 " + middle + ")\"");
    out.elements += elements;
    int at = kLeft;
    int line = m_height + 4;
    for (std::size_t i = 0; i < legend.size(); ++i) {
        const std::string name = cutText(legend[i], 92);
        const int wide = 52 + static_cast<int>(displayColumns(name)) * kLegendCharacter;
        if (at > kLeft && at + wide > m_width) {
            at = kLeft;
            line += kLegendLine;
        }
        const std::string colour = seriesColour(i);
        out.elements += svgLine(at, line, at + 28, line,
                                "stroke=\"" + colour + "\" stroke-width=\"2\"" + seriesDash(i)) +
                        svgMarker(at + 14, line, i, colour) +
                        textAt(at + 34, line + 4, name, "start");
        at += wide;
    }
    if (!legend.empty()) out.height = line + kLegendLine - 4;
    return out;
}

}  // namespace driftlens
