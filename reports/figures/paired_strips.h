// The scores of several models over the same tokens, line under line on one scale: the reference,
// each variant, and what changed.
#pragma once

#include "reports/figures/svg.h"

#include <string>
#include <vector>

namespace driftlens {

struct StripRow {
    std::string label;  // "reference", "int4", "int4 − reference"
    std::vector<double> scores;
};

// What is drawn of a long text: the tokens with the largest scores in any row; what stands between
// them is added up in one box that says how many they are, so that no score is lost.
struct StripContent {
    std::vector<Token> tokens;
    std::vector<StripRow> rows;
    std::size_t leftOut = 0;  // tokens that share a box
};
StripContent shortened(const std::vector<Token>& tokens, const std::vector<StripRow>& rows,
                       std::size_t most);

// One figure for as many lines of text as fit a page; longer texts give several. Every value stands
// under its token, so that the figures can be read without colour. Full colour at `scale`.
std::vector<std::string> pairedStripsSvg(const StripContent& content, double scale,
                                         const std::string& title, int width = 900);

}  // namespace driftlens
