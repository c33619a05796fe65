// Numbers and intervals that may have no value, and then say why.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace driftlens {

// A figure with the reason why it is undefined, if it is. A value is always finite.
struct Figure {
    std::optional<double> value;
    std::string reason;  // empty if there is a value
};

inline Figure undefinedFigure(std::string reason) {
    return {std::nullopt, std::move(reason)};
}

// The number, or undefined where arithmetic on finite input overflowed.
inline Figure finiteFigure(double value) {
    if (!std::isfinite(value)) return undefinedFigure("the result is not finite");
    return {value, ""};
}

struct Range {
    double low = 0.0;
    double high = 0.0;
};

// An interval with the reason why it is undefined, if it is. Both ends are finite.
struct Interval {
    std::optional<Range> value;
    std::string reason;  // empty if there is a value
};

inline Interval undefinedInterval(std::string reason) {
    return {std::nullopt, std::move(reason)};
}

}  // namespace driftlens
