// What all figures are made of: SVG as text, complete in itself, with a title and a description for
// those who cannot see it.
#pragma once

#include "core/tokenizer/tokenizer.h"

#include <string>
#include <string_view>

namespace driftlens {

// A part of a figure: elements that fill a box from (0, 0).
struct Drawing {
    std::string elements;
    int width = 0;
    int height = 0;
};

// A whole <svg> element. It scales with its page; with `standalone` it is a file of its own.
struct SvgCaption {
    std::string title;
    std::string description;  // what the title does not say; may be empty
};
std::string svgFigure(const Drawing& drawing, const SvgCaption& caption, bool standalone = false);

// Attributes of <text>: fonts stand on the elements, so that renderers without style sheets (Qt,
// the PDF writer) show the same. The root has 12 px and dark grey.
inline constexpr std::string_view kTokenFont = "font-size=\"13\"";
inline constexpr std::string_view kValueFont =
    "font-family=\"monospace\" font-size=\"11\" fill=\"#444\"";
inline constexpr std::string_view kLabelFont = "font-size=\"11\"";

// Puts `lower` under `upper`.
void appendBelow(Drawing& upper, const Drawing& lower, int gap = 0);
// And to the right of `left`.
void appendBeside(Drawing& left, const Drawing& right, int gap = 0);

// `anchor`: start, middle or end. The text is escaped.
std::string svgText(int x, int y, std::string_view text, std::string_view anchor = "start",
                    std::string_view attributes = "");
std::string svgRect(int x, int y, int width, int height, std::string_view fill,
                    std::string_view attributes = "");

// A score as figures print it: with its sign, at most eight characters.
std::string scoreText(double score);

// A token as people read it: on one line, never empty, without characters that could do harm.
std::string readableToken(const Token& token);

// The text cut to that many columns, with … where it was.
std::string cutText(std::string_view text, std::size_t columns);

}  // namespace driftlens
