#include "reports/figures/part_grid.h"

#include "core/base/display_text.h"
#include "core/base/text.h"
#include "reports/figures/colour.h"
#include "reports/figures/token_strip.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace driftlens {
namespace {

constexpr std::size_t kMostColumns = 48;
constexpr std::size_t kMostWithNumbers = 14;
constexpr std::int64_t kMostLayers = 128;
constexpr int kLabelWidth = 70;
constexpr int kHeaderHeight = 100;
constexpr int kCellHeight = 22;
constexpr int kLegendHeight = 26;
constexpr std::size_t kLabelColumns = 14;

// Heads first, in their order; then positions; then modules by name.
struct Column {
    std::int64_t head, position;
    std::string module;
    auto operator<=>(const Column&) const = default;
};

std::string moduleOf(const Part& part) {
    const std::string block = "blocks." + std::to_string(part.layer) + ".";
    return part.name.starts_with(block) ? part.name.substr(block.size()) : part.name;
}

Column columnOf(const Part& part) {
    constexpr std::int64_t kLast = std::int64_t{1} << 60;
    const bool isModule = part.head < 0 && part.position < 0;
    return {part.head < 0 ? kLast : part.head, part.position < 0 ? kLast : part.position,
            isModule ? moduleOf(part) : ""};
}

std::string labelOf(const Part& part, const std::vector<Token>& tokens) {
    std::string out = part.head >= 0 ? "head " + std::to_string(part.head) : "";
    if (part.position >= 0) {
        const auto position = static_cast<std::size_t>(part.position);
        out +=
            (out.empty() ? "" : " ") + (position < tokens.size() ? readableToken(tokens[position])
                                                                 : std::to_string(part.position));
    }
    return cutText(out.empty() ? displayText(moduleOf(part)) : out, kLabelColumns);
}

class Grid {
public:
    Grid(const Attribution& a, const std::vector<Token>& tokens) : m_attribution(a) {
        for (std::size_t i = 0; i < a.parts.size(); ++i) {
            const Part& part = a.parts[i];
            if (part.layer < 0) continue;
            m_layers.emplace(part.layer, 0);
            m_columns.emplace(columnOf(part), 0);
            m_labels.emplace(columnOf(part), labelOf(part, tokens));
            m_scale = std::max(m_scale, std::abs(a.scores[i]));
        }
        int at = 0;
        for (auto& [layer, row] : m_layers) row = at++;
        at = 0;
        for (auto& [column, place] : m_columns) place = at++;
        m_printsNumbers = m_columns.size() <= kMostWithNumbers;
        m_cellWidth = m_printsNumbers ? 58 : 18;
    }

    bool isGrid() const {
        return m_layers.size() > 1 && m_columns.size() > 1 && m_columns.size() <= kMostColumns &&
               m_layers.size() <= static_cast<std::size_t>(kMostLayers);
    }

    std::string svg() const {
        Drawing drawing;
        drawing.width = kLabelWidth + static_cast<int>(m_columns.size()) * m_cellWidth + 80;
        drawing.height =
            kHeaderHeight + static_cast<int>(m_layers.size()) * kCellHeight + kLegendHeight;
        for (const auto& [column, place] : m_columns)
            drawing.elements += columnLabel(m_labels.at(column), place);
        for (const auto& [layer, row] : m_layers)
            drawing.elements += svgText(kLabelWidth - 8, yOf(row) + 15,
                                        "layer " + std::to_string(layer), "end", kLabelFont);
        for (std::size_t i = 0; i < m_attribution.parts.size(); ++i)
            if (m_attribution.parts[i].layer >= 0) drawing.elements += cell(i);
        drawing.elements += svgText(
            kLabelWidth, drawing.height - 8,
            "Orange is positive, blue negative; full colour is ±" + formatNumber(m_scale, 3),
            "start", kLabelFont);
        return svgFigure(drawing, {m_attribution.method + ", parts by layer",
                                   "A row per layer; each cell says its part and score."});
    }

private:
    static int yOf(int row) { return kHeaderHeight + row * kCellHeight; }

    std::string columnLabel(const std::string& text, int place) const {
        const int x = kLabelWidth + place * m_cellWidth + m_cellWidth / 2;
        const int y = kHeaderHeight - 6;
        return svgText(x, y, text, "start",
                       std::string(kLabelFont) + " transform=\"rotate(-60 " + std::to_string(x) +
                           " " + std::to_string(y) + ")\"");
    }

    std::string cell(std::size_t i) const {
        const Part& part = m_attribution.parts[i];
        const double score = m_attribution.scores[i];
        const int x = kLabelWidth + m_columns.at(columnOf(part)) * m_cellWidth;
        const int y = yOf(m_layers.at(part.layer));
        std::string out = "<g><title>" + escapeXml(displayText(part.name)) + ": " +
                          formatNumber(score, 4) + "</title>" +
                          svgRect(x, y, m_cellWidth - 1, kCellHeight - 1,
                                  divergingColour(score, m_scale), "stroke=\"#ddd\"");
        if (m_printsNumbers)
            out += svgText(x + m_cellWidth / 2, y + 15, scoreText(score), "middle", kValueFont);
        return out + "</g>";
    }

    const Attribution& m_attribution;
    std::map<std::int64_t, int> m_layers;  // to rows
    std::map<Column, int> m_columns;       // to places
    std::map<Column, std::string> m_labels;
    double m_scale = 0.0;
    bool m_printsNumbers = false;
    int m_cellWidth = 0;
};

}  // namespace

std::string partGridSvg(const Attribution& attribution, const std::vector<Token>& tokens) {
    const Grid grid(attribution, tokens);
    return grid.isGrid() ? grid.svg() : "";
}

}  // namespace driftlens
