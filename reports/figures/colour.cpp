#include "reports/figures/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace driftlens {
namespace {

struct Colour {
    double red, green, blue;
};
constexpr Colour kWhite = {255, 255, 255};
constexpr Colour kPositive = {230, 97, 1};
constexpr Colour kNegative = {44, 123, 182};

// ColorBrewer's YlGnBu, whose lightness falls steadily: it can be read in grey.
constexpr std::array<Colour, 5> kSequential = {
    {{255, 255, 229}, {199, 233, 180}, {65, 182, 196}, {34, 94, 168}, {8, 29, 88}}};

Colour blend(const Colour& from, const Colour& to, double share) {
    return {std::lerp(from.red, to.red, share), std::lerp(from.green, to.green, share),
            std::lerp(from.blue, to.blue, share)};
}

Colour sequential(double share) {
    const double at = std::clamp(share, 0.0, 1.0) * (kSequential.size() - 1);
    const std::size_t stop = std::min(static_cast<std::size_t>(at), kSequential.size() - 2);
    return blend(kSequential[stop], kSequential[stop + 1], at - static_cast<double>(stop));
}

// Relative luminance, as WCAG 2 defines it.
double luminance(const Colour& colour) {
    const auto linear = [](double channel) {
        const double share = channel / 255.0;
        return share <= 0.03928 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) +
           0.0722 * linear(colour.blue);
}

std::string textOf(const Colour& colour) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "rgb(%d,%d,%d)", static_cast<int>(colour.red),
                  static_cast<int>(colour.green), static_cast<int>(colour.blue));
    return text.data();
}

// Of a colour's strength: dark ink is still read on it.
constexpr double kStrongest = 0.83;

}  // namespace

std::string divergingColour(double score, double scale) {
    const double share = scale > 0.0 ? std::clamp(std::abs(score) / scale, 0.0, 1.0) : 0.0;
    return textOf(blend(kWhite, score >= 0.0 ? kPositive : kNegative, share * kStrongest));
}

std::string sequentialColour(double share) {
    return textOf(sequential(share));
}

std::string inkOn(double share) {
    // Where black and white contrast equally with a ground.
    constexpr double kMiddle = 0.179;
    return luminance(sequential(share)) > kMiddle ? "#000" : "#fff";
}

}  // namespace driftlens
