// The frame of a plot: axes with readable numbers, and places of values on them.
#pragma once

#include "reports/figures/svg.h"

#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// A named row of values: of a variant, over examples or layers.
struct NamedValues {
    std::string name;
    std::vector<double> values;
};

// The range of an axis, widened to round numbers; never empty.
struct PlotAxis {
    double low = 0.0;
    double high = 1.0;
    std::string title;
    bool isLogarithmic = false;  // then low is above 0
    bool isWhole = false;        // of things that are counted: no number between two of them
};
PlotAxis axisOver(const std::vector<double>& values, std::string title, bool withZero = true);

// Colours that people with any colour vision can tell apart, a dash and a marker for those who see
// none; they repeat after eight.
std::string seriesColour(std::size_t index);
std::string seriesDash(std::size_t index);  // an attribute, with a space before it; may be empty

std::string svgLine(double x1, double y1, double x2, double y2, std::string_view attributes);
std::string svgPath(const std::string& path, std::string_view attributes);
// A circle, square, triangle, … by series, centred there. Full or hollow.
std::string svgMarker(double x, double y, std::size_t series, std::string_view colour,
                      bool isFull = true);
std::string plotNumber(double value);  // of a coordinate, one decimal

class Plot {
public:
    Plot(PlotAxis x, PlotAxis y, int width = 720, int height = 320);

    // Where a value stands, in pixels; values outside the axis stand at its end.
    double x(double value) const;
    double y(double value) const;
    double left() const, right() const, top() const, bottom() const;

    // Grid lines, numbers and titles, with `elements` above them, and a legend of those names
    // below.
    Drawing drawing(const std::string& elements, const std::vector<std::string>& legend = {}) const;

private:
    PlotAxis m_x, m_y;
    int m_width, m_height;
};

}  // namespace driftlens
