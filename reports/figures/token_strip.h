// Tokens with their scores as a strip of coloured boxes, as SVG.
#pragma once

#include "reports/figures/svg.h"

#include <string>
#include <vector>

namespace driftlens {

// Positive scores lean to orange, negative ones to blue (distinguishable without red-green vision);
// full colour at `scale`, which all strips of a figure share. The value stands under each token, so
// the strip can be read without colour. Wraps at `width` pixels.
Drawing tokenStrip(const std::vector<Token>& tokens, const std::vector<double>& scores,
                   double scale, int width = 900);

// The first token of every line that tokenStrip() makes of them.
std::vector<std::size_t> stripLines(const std::vector<Token>& tokens, int width = 900);

// The width at which they fill their lines evenly: one line if it is no wider than a page can show,
// else as many as `width` needs.
int evenWidth(const std::vector<Token>& tokens, int width = 900);

// The same as a figure.
std::string tokenStripSvg(const std::vector<Token>& tokens, const std::vector<double>& scores,
                          double scale, const std::string& title, int width = 900);

// The scale at which the largest of them has full colour.
double scaleOf(const std::vector<double>& scores);

}  // namespace driftlens
