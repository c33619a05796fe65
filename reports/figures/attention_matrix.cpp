#include "reports/figures/attention_matrix.h"

#include "core/base/display_text.h"
#include "core/base/text.h"
#include "reports/figures/colour.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::size_t kMostTokens = 48;
constexpr std::size_t kMostWithNumbers = 24;
constexpr std::size_t kFirstTokens = 16;  // shown of a longer prompt, with the last 32
constexpr std::size_t kLabelColumns = 14;
constexpr int kCharacterWidth = 7;  // of a label
constexpr int kGap = 8;             // where tokens are left out
constexpr int kLegendHeight = 44;
constexpr int kLegendSteps = 5;
constexpr int kLegendStep = 24;

double largestOf(const AttentionMap& map) {
    double largest = 0.0;
    for (const float value : map.values) largest = std::max(largest, static_cast<double>(value));
    return largest;
}

// Rows or columns of a map that are drawn, and where.
struct Axis {
    std::vector<std::size_t> shown;
    std::size_t leftOut = 0;
    int cell = 0;

    bool hasGapBefore(std::size_t i) const { return leftOut > 0 && i >= kFirstTokens; }
    int offset(std::size_t i) const {
        return static_cast<int>(i) * cell + (hasGapBefore(i) ? kGap : 0);
    }
    int length() const { return shown.empty() ? 0 : offset(shown.size() - 1) + cell; }
};

Axis axisOf(std::vector<std::size_t> indices, int cell) {
    Axis out{std::move(indices), 0, cell};
    if (out.shown.size() <= kMostTokens) return out;
    out.leftOut = out.shown.size() - kMostTokens;
    const auto begin = out.shown.begin() + static_cast<std::ptrdiff_t>(kFirstTokens);
    out.shown.erase(begin, begin + static_cast<std::ptrdiff_t>(out.leftOut));
    return out;
}

class Matrix {
public:
    // The map of one model, or one of two that share the width of a page.
    enum class Place { Alone, Beside };
    Matrix(const AttentionMap& map, const std::vector<Token>& labels, Place place = Place::Alone)
        : m_map(map), m_largest(largestOf(map)) {
        const auto size = static_cast<std::size_t>(map.size);
        std::vector<std::size_t> rows;
        std::vector<std::size_t> columns;
        for (std::size_t i = 0; i < size; ++i) {
            columns.push_back(i);
            if (rowSum(i) > 0.0) rows.push_back(i);
            m_labels.push_back(cutText(readableToken(labels.at(i)), kLabelColumns));
            const auto width = static_cast<int>(displayColumns(m_labels.back())) * kCharacterWidth;
            m_labelSize = std::max(m_labelSize, width + 14);
        }
        m_printsNumbers = size <= kMostWithNumbers;
        const bool isAlone = place == Place::Alone;
        const int cell = size <= 12        ? (isAlone ? 34 : 28)
                         : m_printsNumbers ? (isAlone ? 26 : 21)
                                           : (isAlone ? 18 : 12);
        m_rows = axisOf(std::move(rows), cell);
        m_columns = axisOf(std::move(columns), cell);
    }

    // Shares the colours of another map.
    void scaleTo(double largest) { m_largest = largest; }

    Drawing drawing() const {
        Drawing drawing;
        const auto legendWidth = static_cast<int>(displayColumns(legendText())) * kCharacterWidth;
        drawing.width = m_labelSize + std::max(m_columns.length() + m_labelSize / 2,
                                               kLegendSteps * kLegendStep + legendWidth);
        drawing.height = m_labelSize + m_rows.length() + kLegendHeight;
        drawing.elements = columnLabels();
        for (std::size_t row = 0; row < m_rows.shown.size(); ++row) drawing.elements += rowOf(row);
        drawing.elements += legend(drawing.height - kLegendHeight + 14);
        return drawing;
    }

    std::string description() const {
        std::string out = "Rows are queries, columns keys. Where each row looks most:";
        for (const std::size_t query : m_rows.shown) {
            std::size_t best = 0;
            for (std::size_t key = 1; key < static_cast<std::size_t>(m_map.size); ++key)
                if (value(query, key) > value(query, best)) best = key;
            out += " " + m_labels[query] + " → " + m_labels[best] + " " +
                   formatNumber(value(query, best), 2) + ";";
        }
        out.back() = '.';
        return out;
    }

private:
    double value(std::size_t query, std::size_t key) const {
        return static_cast<double>(
            m_map.values[query * static_cast<std::size_t>(m_map.size) + key]);
    }

    double rowSum(std::size_t query) const {
        double sum = 0.0;
        for (std::size_t key = 0; key < static_cast<std::size_t>(m_map.size); ++key)
            sum += value(query, key);
        return sum;
    }

    std::string columnLabels() const {
        std::string out;
        for (std::size_t i = 0; i < m_columns.shown.size(); ++i) {
            const std::string x =
                std::to_string(m_labelSize + m_columns.offset(i) + m_columns.cell / 2 + 4);
            const std::string place = std::string(kLabelFont) + " transform=\"rotate(-60 " + x +
                                      " " + std::to_string(m_labelSize - 6) + ")\"";
            out += svgText(m_labelSize + m_columns.offset(i) + m_columns.cell / 2 + 4,
                           m_labelSize - 6, m_labels[m_columns.shown[i]], "start", place);
        }
        return out;
    }

    std::string rowOf(std::size_t row) const {
        const std::size_t query = m_rows.shown[row];
        const int y = m_labelSize + m_rows.offset(row);
        std::string out =
            svgText(m_labelSize - 6, y + m_rows.cell / 2 + 4, m_labels[query], "end", kLabelFont);
        for (std::size_t column = 0; column < m_columns.shown.size(); ++column)
            out += cellOf(query, column, y);
        return out;
    }

    // Exact zeros are what a mask forbids: they stay empty.
    std::string cellOf(std::size_t query, std::size_t column, int y) const {
        const std::size_t key = m_columns.shown[column];
        const double each = value(query, key);
        if (each == 0.0) return "";
        const int x = m_labelSize + m_columns.offset(column);
        const int size = m_columns.cell;
        const double share = each / m_largest;
        std::string out = "<g><title>" + escapeXml(m_labels[query]) + " → " +
                          escapeXml(m_labels[key]) + ": " + formatNumber(each, 4) + "</title>" +
                          svgRect(x, y, size - 1, size - 1, sequentialColour(share));
        if (m_printsNumbers) {
            out +=
                svgText(x + size / 2, y + size / 2 + 4, std::to_string(std::lround(100.0 * each)),
                        "middle", "style=\"font-size:11px;fill:" + inkOn(share) + "\"");
        }
        return out + "</g>";
    }

    std::string legend(int y) const {
        std::string out = svgText(m_labelSize - 6, y + 11, "0", "end", kLabelFont);
        for (int i = 0; i < kLegendSteps; ++i)
            out += svgRect(m_labelSize + kLegendStep * i, y, kLegendStep, 14,
                           sequentialColour(static_cast<double>(i) / (kLegendSteps - 1)));
        return out + svgText(m_labelSize + kLegendStep * kLegendSteps + 6, y + 11, legendText(),
                             "start", kLabelFont);
    }

    std::string legendText() const {
        std::string text = formatNumber(m_largest, 3) + ".  Rows look at columns";
        if (m_printsNumbers) text += "; numbers in percent";
        if (m_columns.leftOut > 0)
            text += "; " + std::to_string(m_columns.leftOut) + " tokens in the middle left out";
        return text;
    }

    const AttentionMap& m_map;
    std::vector<std::string> m_labels;
    Axis m_rows, m_columns;
    int m_labelSize = 40;  // left of the rows and above the columns
    bool m_printsNumbers = false;
    double m_largest = 0.0;
};

constexpr int kPageWidth = 1120;  // of two matrices side by side
constexpr int kPairGap = 24;
constexpr int kNameHeight = 20;

Drawing named(const std::string& name, const Drawing& matrix) {
    Drawing out{svgText(0, 13, name, "start", "font-weight=\"bold\""),
                static_cast<int>(displayColumns(name)) * (kCharacterWidth + 1), kNameHeight};
    appendBelow(out, matrix);
    return out;
}

}  // namespace

std::vector<Token> attentionLabels(const Attribution& attribution,
                                   const std::vector<Token>& tokens) {
    Attribution ofTokens;
    ofTokens.virtualScores = attribution.virtualScores;
    return columnsOf(ofTokens, tokens).tokens;
}

std::string attentionMapName(const AttentionMap& map) {
    return (map.layer < 0 ? "all layers" : "layer " + std::to_string(map.layer)) + ", " +
           (map.head < 0 ? "mean of heads" : "head " + std::to_string(map.head));
}

std::vector<AttentionMap> meanOverLayers(const std::vector<AttentionMap>& maps) {
    std::vector<AttentionMap> out;
    double count = 0.0;
    for (const AttentionMap& map : maps) {
        if (map.head >= 0) continue;
        count += 1.0;
        if (out.empty()) {
            out.push_back(map);
            out.front().layer = -1;
            continue;
        }
        for (std::size_t i = 0; i < map.values.size(); ++i) out.front().values[i] += map.values[i];
    }
    for (AttentionMap& mean : out)
        for (float& value : mean.values)
            value = static_cast<float>(static_cast<double>(value) / count);
    return out;
}

std::string attentionMatrixSvg(const AttentionMap& map, const std::vector<Token>& labels) {
    const Matrix matrix(map, labels);
    return svgFigure(matrix.drawing(),
                     {"Attention, " + attentionMapName(map), matrix.description()});
}

std::string attentionPairSvg(const NamedMap& before, const NamedMap& after,
                             const std::vector<Token>& labels, const std::string& title) {
    const double largest = std::max(largestOf(before.map), largestOf(after.map));
    Matrix left(before.map, labels, Matrix::Place::Beside);
    Matrix right(after.map, labels, Matrix::Place::Beside);
    left.scaleTo(largest);
    right.scaleTo(largest);
    Drawing drawing = named(before.name, left.drawing());
    const Drawing other = named(after.name, right.drawing());
    if (drawing.width + kPairGap + other.width <= kPageWidth)
        appendBeside(drawing, other, kPairGap);
    else
        appendBelow(drawing, other, kPairGap);
    return svgFigure(drawing, {title, before.name + ": " + left.description() + " " + after.name +
                                          ": " + right.description()});
}

}  // namespace driftlens
