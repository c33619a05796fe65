#include "reports/figures/svg.h"

#include "core/base/display_text.h"
#include "core/base/text.h"
#include "core/tokenizer/aligned_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace driftlens {
namespace {

// Of all text of a figure, on an element: Qt and the PDF writer read no style sheets.
constexpr const char* kFont =
    "<g font-family=\"system-ui,sans-serif\" font-size=\"12\" fill=\"#222\">";

}  // namespace

std::string svgFigure(const Drawing& drawing, const SvgCaption& caption, bool standalone) {
    const std::string width = std::to_string(drawing.width);
    const std::string height = std::to_string(drawing.height);
    std::string out = standalone ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" : "";
    out += "<svg role=\"img\" aria-label=\"" + escapeXml(caption.title) +
           "\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + width + " " + height +
           "\" width=\"" + width + "\" height=\"" + height + "\"><title>" +
           escapeXml(caption.title) + "</title>";
    if (!caption.description.empty()) out += "<desc>" + escapeXml(caption.description) + "</desc>";
    if (standalone) out += svgRect(0, 0, drawing.width, drawing.height, "#fff");
    return out + kFont + drawing.elements + "</g></svg>" + (standalone ? "\n" : "");
}

void appendBelow(Drawing& upper, const Drawing& lower, int gap) {
    const int y = upper.height + gap;
    upper.elements +=
        "<g transform=\"translate(0 " + std::to_string(y) + ")\">" + lower.elements + "</g>";
    upper.width = std::max(upper.width, lower.width);
    upper.height = y + lower.height;
}

void appendBeside(Drawing& left, const Drawing& right, int gap) {
    const int x = left.width + gap;
    left.elements +=
        "<g transform=\"translate(" + std::to_string(x) + " 0)\">" + right.elements + "</g>";
    left.width = x + right.width;
    left.height = std::max(left.height, right.height);
}

std::string svgText(int x, int y, std::string_view text, std::string_view anchor,
                    std::string_view attributes) {
    std::string out = "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\"";
    if (anchor != "start") out += " text-anchor=\"" + std::string(anchor) + "\"";
    if (!attributes.empty()) out += " " + std::string(attributes);
    return out + ">" + escapeXml(text) + "</text>";
}

std::string svgRect(int x, int y, int width, int height, std::string_view fill,
                    std::string_view attributes) {
    std::string out = "<rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) +
                      "\" width=\"" + std::to_string(width) + "\" height=\"" +
                      std::to_string(height) + "\" fill=\"" + std::string(fill) + "\"";
    if (!attributes.empty()) out += " " + std::string(attributes);
    return out + "/>";
}

std::string scoreText(double score) {
    std::array<char, 32> text{};
    const bool isTiny = score != 0.0 && std::abs(score) < 1e-3;
    std::snprintf(text.data(), text.size(), isTiny ? "%+.1e" : "%+.3g", score);
    return text.data();
}

std::string readableToken(const Token& token) {
    const bool isReadable = isValidUtf8(token.text);
    const std::string text = displayText(isReadable ? readablePiece(token.text) : token.text);
    const bool isBlank = text.find_first_not_of(' ') == std::string::npos;
    if (!isBlank) return text;
    std::string out;
    for (std::size_t i = 0; i < std::max<std::size_t>(text.size(), 1); ++i) out += "␣";
    return out;
}

std::string cutText(std::string_view text, std::size_t columns) {
    if (displayColumns(text) <= columns) return std::string(text);
    std::size_t end = 0;
    for (std::size_t next = 0; next < text.size(); end = next) {
        nextPoint(text, next);
        if (displayColumns(text.substr(0, next)) >= columns) break;
    }
    return std::string(text.substr(0, end)) + "…";
}

}  // namespace driftlens
