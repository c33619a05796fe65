#include "reports/writers/explanation_svg.h"

#include "core/base/display_text.h"
#include "core/base/parameters.h"
#include "core/base/text.h"
#include "reports/document/explanation.h"
#include "reports/figures/token_strip.h"

namespace driftlens {
namespace {

constexpr int kMargin = 12;
constexpr int kHeadingHeight = 22;
constexpr std::size_t kMostColumns = 120;
constexpr std::size_t kHeadingColumns = 120;

Drawing heading(const std::string& text, const char* style) {
    return {svgText(0, 15, cutText(displayText(text), kHeadingColumns), "start", style), 0,
            kHeadingHeight};
}

void appendStrip(Drawing& out, const std::string& name, const ScoredColumns& columns) {
    const double scale = scaleOf(columns.scores);
    const ScoredColumns shown = largestColumns(columns, kMostColumns);
    std::string text = name + "; full colour is ±" + formatNumber(scale, 3);
    if (shown.scores.size() < columns.scores.size())
        text += "; the " + std::to_string(shown.scores.size()) + " largest of " +
                std::to_string(columns.scores.size());
    appendBelow(out, heading(text, "style=\"font-weight:600\""), 6);
    appendBelow(out, tokenStrip(shown.tokens, shown.scores, scale));
}

}  // namespace

std::string explanationSvg(const Explanation& e) {
    const std::string title = explanationTitle(e);
    Drawing strips = heading(title, "style=\"font-size:15px\"");
    for (const Attribution& a : e.results) {
        const std::string name = formatNamedSettings(a.method, a.settings);
        appendStrip(strips, name, columnsOf(a, e.input.tokens));
        if (!a.groups.empty()) appendStrip(strips, a.method + ", added up", columnsOfGroups(a));
    }
    Drawing page{"<g transform=\"translate(" + std::to_string(kMargin) + " " +
                     std::to_string(kMargin) + ")\">" + strips.elements + "</g>",
                 strips.width + 2 * kMargin, strips.height + 2 * kMargin};
    return svgFigure(page, {title, "Prompt: " + displayText(e.input.text)}, true);
}

}  // namespace driftlens
