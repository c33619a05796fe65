#include "reports/figures/token_strip.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace driftlens {
namespace {

constexpr int kRowHeight = 46;
constexpr int kCharacterWidth = 8;
constexpr int kValueCharacterWidth = 7;
constexpr int kValueCharacters = 8;  // "-0.00123", "+1.2e-05"
constexpr int kPadding = 10;

struct Colour {
    double red, green, blue;
};
constexpr Colour kPositive = {230, 97, 1};
constexpr Colour kNegative = {44, 123, 182};

std::string colourOf(double score, double scale) {
    const double share = scale > 0.0 ? std::clamp(std::abs(score) / scale, 0.0, 1.0) : 0.0;
    const Colour& end = score >= 0.0 ? kPositive : kNegative;
    const auto blend = [&](double channel) {
        return static_cast<int>(255.0 + (channel - 255.0) * share * 0.85);
    };
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "rgb(%d,%d,%d)", blend(end.red), blend(end.green),
                  blend(end.blue));
    return text.data();
}

std::string valueText(double score) {
    std::array<char, 32> text{};
    const bool isTiny = score != 0.0 && std::abs(score) < 1e-3;
    std::snprintf(text.data(), text.size(), isTiny ? "%+.1e" : "%+.3g", score);
    return text.data();
}

// The same for every score, so that the strips of one input stand column under column.
int widthOf(const std::string& token) {
    const auto points = static_cast<int>(std::count_if(token.begin(), token.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
    return std::max(points * kCharacterWidth, kValueCharacters * kValueCharacterWidth) + kPadding;
}

}  // namespace

std::string readableToken(const Token& token) {
    std::string text = readablePiece(token.text);
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;)
        text.replace(at, 1, "⏎");
    return text.empty() ? "␣" : text;
}

std::string tokenStripSvg(const std::vector<Token>& tokens, const std::vector<double>& scores,
                          double scale, const std::string& title, int width) {
    std::string boxes;
    int x = 0;
    int y = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::string text = readableToken(tokens[i]);
        const std::string value = valueText(scores[i]);
        const int box = widthOf(text);
        if (x + box > width && x > 0) {
            x = 0;
            y += kRowHeight;
        }
        const std::string middle = std::to_string(x + box / 2);
        boxes += "<g><rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) +
                 "\" width=\"" + std::to_string(box - 2) + "\" height=\"24\" rx=\"3\" fill=\"" +
                 colourOf(scores[i], scale) + "\" stroke=\"#bbb\"/><text x=\"" + middle +
                 "\" y=\"" + std::to_string(y + 16) + "\" text-anchor=\"middle\" class=\"token\">" +
                 escapeXml(text) + "</text><text x=\"" + middle + "\" y=\"" +
                 std::to_string(y + 37) + "\" text-anchor=\"middle\" class=\"value\">" + value +
                 "</text></g>";
        x += box;
    }
    const std::string height = std::to_string(y + kRowHeight);
    return "<svg role=\"img\" aria-label=\"" + escapeXml(title) +
           "\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + std::to_string(width) + " " +
           height + "\" width=\"" + std::to_string(width) + "\" height=\"" + height + "\"><title>" +
           escapeXml(title) + "</title>" + boxes + "</svg>";
}

}  // namespace driftlens
