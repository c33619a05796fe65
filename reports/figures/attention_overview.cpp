#include "reports/figures/attention_overview.h"

#include "core/base/text.h"
#include "reports/figures/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

constexpr int kWidth = 900;
constexpr int kLabelWidth = 60;
constexpr int kHeaderHeight = 20;
constexpr int kNumberHeight = 16;
constexpr int kLegendHeight = 40;
constexpr double kMostCells = 60000.0;  // of a figure; keeps it below a few megabytes
constexpr int kLevels = 8;              // of colour

std::size_t sizeOf(const AttentionMap& map) {
    return static_cast<std::size_t>(map.size);
}

std::span<const float> rowOf(const AttentionMap& map, std::size_t query) {
    return std::span(map.values).subspan(query * sizeOf(map), sizeOf(map));
}

// Virtual tokens that are keys alone have empty rows.
bool isQuery(std::span<const float> row) {
    return std::any_of(row.begin(), row.end(), [](float value) { return value > 0.0F; });
}

// A map brought to a few cells: [side, side], values in [0, 1].
struct Pooled {
    std::size_t side = 0;
    std::vector<double> values;
};

Pooled poolOf(const AttentionMap& map, std::size_t mostSide) {
    const std::size_t block = (sizeOf(map) + mostSide - 1) / mostSide;
    Pooled out;
    out.side = (sizeOf(map) + block - 1) / block;
    out.values.assign(out.side * out.side, 0.0);
    std::vector<double> queries(out.side, 0.0);
    for (std::size_t query = 0; query < sizeOf(map); ++query) {
        const std::span<const float> row = rowOf(map, query);
        if (!isQuery(row)) continue;
        queries[query / block] += 1.0;
        for (std::size_t key = 0; key < row.size(); ++key)
            out.values[query / block * out.side + key / block] += static_cast<double>(row[key]);
    }
    for (std::size_t i = 0; i < out.values.size(); ++i)
        out.values[i] /= std::max(queries[i / out.side], 1.0);
    return out;
}

// One path per level of colour, cells of a row that touch drawn as one; in units of cells.
std::string cellsOf(const Pooled& map) {
    std::array<std::string, kLevels + 1> paths;
    const auto levelAt = [&](std::size_t row, std::size_t column) {
        return static_cast<std::size_t>(std::lround(
            std::clamp(map.values[row * map.side + column], 0.0, 1.0) * double{kLevels}));
    };
    for (std::size_t row = 0; row < map.side; ++row) {
        for (std::size_t column = 0; column < map.side;) {
            const std::size_t level = levelAt(row, column);
            std::size_t end = column + 1;
            while (end < map.side && levelAt(row, end) == level) ++end;
            const std::string width = std::to_string(end - column);
            paths[level] += "M" + std::to_string(column) + " " + std::to_string(row) + "h" + width +
                            "v1h-" + width + "z";
            column = end;
        }
    }
    std::string out;
    for (std::size_t level = 1; level < paths.size(); ++level) {
        if (paths[level].empty()) continue;
        out += "<path fill=\"" + sequentialColour(static_cast<double>(level) / kLevels) +
               "\" d=\"" + paths[level] + "\"/>";
    }
    return out;
}

class Overview {
public:
    explicit Overview(const std::vector<AttentionMap>& maps) : m_maps(maps) {
        for (const AttentionMap& map : maps) {
            m_heads = std::max(m_heads, map.head + 1);
            m_layers = std::max(m_layers, map.layer + 1);
        }
        const int columns = static_cast<int>(m_heads) + 1;
        m_matrix = std::clamp((kWidth - kLabelWidth) / columns - 6, 24, 80);
        const double side = std::sqrt(kMostCells / static_cast<double>(maps.size()));
        m_mostSide = static_cast<std::size_t>(std::clamp(side, 4.0, 24.0));
    }

    std::string svg() const {
        Drawing drawing;
        drawing.width = std::max(kWidth, kLabelWidth + static_cast<int>(m_heads + 1) * step());
        drawing.height = kHeaderHeight + static_cast<int>(m_layers) * rowHeight() + kLegendHeight;
        for (std::int64_t head = -1; head < m_heads; ++head)
            drawing.elements +=
                svgText(xOf(head) + m_matrix / 2, 14, columnName(head), "middle", kLabelFont);
        for (std::int64_t layer = 0; layer < m_layers; ++layer)
            drawing.elements += svgText(kLabelWidth - 8, yOf(layer) + m_matrix / 2 + 4,
                                        "layer " + std::to_string(layer), "end", kLabelFont);
        for (const AttentionMap& map : m_maps) drawing.elements += matrixOf(map);
        drawing.elements += legend(drawing.height - kLegendHeight + 10);
        return svgFigure(drawing, {"Attention of all layers and heads", description()});
    }

private:
    int step() const { return m_matrix + 6; }
    int rowHeight() const { return m_matrix + kNumberHeight + 4; }
    int xOf(std::int64_t head) const { return kLabelWidth + static_cast<int>(head + 1) * step(); }
    int yOf(std::int64_t layer) const {
        return kHeaderHeight + static_cast<int>(layer) * rowHeight();
    }

    std::string columnName(std::int64_t head) const {
        if (head < 0) return "mean";
        return (m_matrix >= 44 ? "head " : "") + std::to_string(head);
    }

    std::string matrixOf(const AttentionMap& map) const {
        const HeadFigures figures = headFigures(map);
        const Pooled pooled = poolOf(map, m_mostSide);
        const int x = xOf(map.head);
        const int y = yOf(map.layer);
        const double scale = static_cast<double>(m_matrix) / static_cast<double>(pooled.side);
        return "<g><title>layer " + std::to_string(map.layer) + ", " +
               (map.head < 0 ? "mean of heads" : "head " + std::to_string(map.head)) +
               ": looks at " + formatNumber(figures.effectiveKeys, 3) + " tokens; first column " +
               formatNumber(figures.firstKey, 2) + "</title>" +
               svgRect(x, y, m_matrix, m_matrix, sequentialColour(0.0), "stroke=\"#999\"") +
               "<g shape-rendering=\"crispEdges\" transform=\"translate(" + std::to_string(x) +
               " " + std::to_string(y) + ") scale(" + formatNumber(scale, 6) + ")\">" +
               cellsOf(pooled) + "</g>" +
               svgText(x + m_matrix / 2, y + m_matrix + 12, formatNumber(figures.effectiveKeys, 2),
                       "middle", kValueFont) +
               "</g>";
    }

    std::string legend(int y) const {
        std::string out = svgText(kLabelWidth - 8, y + 11, "0", "end", kLabelFont);
        for (int i = 0; i <= kLevels; ++i)
            out += svgRect(kLabelWidth + 14 * i, y, 14, 14,
                           sequentialColour(static_cast<double>(i) / kLevels));
        const int x = kLabelWidth + 14 * (kLevels + 1) + 6;
        return out + svgText(x, y + 11,
                             "1.  Rows are queries, columns keys; the number is how many tokens it "
                             "looks at (exp of the entropy)" +
                                 pooling(),
                             "start", kLabelFont);
    }

    std::string pooling() const {
        const std::size_t block = (sizeOf(m_maps.front()) + m_mostSide - 1) / m_mostSide;
        if (block == 1) return "";
        return "; a cell is " + std::to_string(block) + " × " + std::to_string(block) + " tokens";
    }

    std::string description() const {
        std::string out = "How many tokens each looks at, and the probability of the first column:";
        for (const AttentionMap& map : m_maps) {
            const HeadFigures figures = headFigures(map);
            out += " layer " + std::to_string(map.layer) +
                   (map.head < 0 ? " mean " : " head " + std::to_string(map.head) + " ") +
                   formatNumber(figures.effectiveKeys, 2) + " and " +
                   formatNumber(figures.firstKey, 2) + ";";
        }
        out.back() = '.';
        return out;
    }

    const std::vector<AttentionMap>& m_maps;
    std::int64_t m_heads = 0, m_layers = 0;
    int m_matrix = 0;  // pixels
    std::size_t m_mostSide = 0;
};

}  // namespace

HeadFigures headFigures(const AttentionMap& map) {
    HeadFigures out;
    double queries = 0.0;
    for (std::size_t query = 0; query < sizeOf(map); ++query) {
        const std::span<const float> row = rowOf(map, query);
        if (!isQuery(row)) continue;
        const double entropy =
            std::accumulate(row.begin(), row.end(), 0.0, [](double sum, float value) {
                const auto p = static_cast<double>(value);
                return p > 0.0 ? sum - p * std::log(p) : sum;
            });
        queries += 1.0;
        out.effectiveKeys += std::exp(entropy);
        out.firstKey += static_cast<double>(row.front());
    }
    out.effectiveKeys /= std::max(queries, 1.0);
    out.firstKey /= std::max(queries, 1.0);
    return out;
}

std::string attentionOverviewSvg(const std::vector<AttentionMap>& maps) {
    return maps.empty() ? "" : Overview(maps).svg();
}

}  // namespace driftlens
