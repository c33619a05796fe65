#include "reports/figures/token_strip.h"

#include "core/base/display_text.h"
#include "reports/figures/colour.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr int kRowHeight = 46;
constexpr int kColumnWidth = 8;
constexpr int kValueCharacterWidth = 7;
constexpr int kValueCharacters = 8;  // "-0.00123", "+1.2e-05"
constexpr int kPadding = 10;
constexpr std::size_t kMostColumns = 60;  // of a token; the names of parts fit

// The same for every score, so that the strips of one input stand column under column.
int widthOf(const std::string& token) {
    const auto columns = static_cast<int>(displayColumns(token));
    return std::max(columns * kColumnWidth, kValueCharacters * kValueCharacterWidth) + kPadding;
}

}  // namespace

Drawing tokenStrip(const std::vector<Token>& tokens, const std::vector<double>& scores,
                   double scale, int width) {
    Drawing out{"", width, kRowHeight};
    int x = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::string text = cutText(readableToken(tokens[i]), kMostColumns);
        const int box = widthOf(text);
        if (x + box > width && x > 0) {
            x = 0;
            out.height += kRowHeight;
        }
        const int y = out.height - kRowHeight;
        const int middle = x + box / 2;
        out.elements += "<g>" +
                        svgRect(x, y, box - 2, 24, divergingColour(scores[i], scale),
                                "rx=\"3\" stroke=\"#bbb\"") +
                        svgText(middle, y + 16, text, "middle", kTokenFont) +
                        svgText(middle, y + 37, scoreText(scores[i]), "middle", kValueFont) +
                        "</g>";
        x += box;
    }
    return out;
}

std::vector<std::size_t> stripLines(const std::vector<Token>& tokens, int width) {
    std::vector<std::size_t> out;
    int x = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const int box = widthOf(cutText(readableToken(tokens[i]), kMostColumns));
        if (i == 0 || x + box > width) {
            out.push_back(i);
            x = 0;
        }
        x += box;
    }
    return out;
}

int evenWidth(const std::vector<Token>& tokens, int width) {
    constexpr int kWidestLine = 1120;  // still read on paper
    int whole = 0, widest = 0;
    for (const Token& token : tokens) {
        const int box = widthOf(cutText(readableToken(token), kMostColumns));
        whole += box;
        widest = std::max(widest, box);
    }
    if (whole <= kWidestLine) return std::max(whole, width / 2);
    const int lines = (whole + width - 1) / width;
    return std::min(width, whole / lines + widest);
}

std::string tokenStripSvg(const std::vector<Token>& tokens, const std::vector<double>& scores,
                          double scale, const std::string& title, int width) {
    return svgFigure(tokenStrip(tokens, scores, scale, width), {title, ""});
}

double scaleOf(const std::vector<double>& scores) {
    double scale = 0.0;
    for (const double score : scores) scale = std::max(scale, std::abs(score));
    return scale;
}

}  // namespace driftlens
