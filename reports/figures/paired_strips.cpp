#include "reports/figures/paired_strips.h"

#include "reports/figures/token_strip.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

constexpr int kLabelHeight = 16;
constexpr int kLineGap = 14;
constexpr int kMostHeight = 1100;  // of a figure that must fit a page
constexpr std::size_t kLabelColumns = 90;

// The places of the largest scores of any row, in the order of the text.
std::vector<std::size_t> largestPlaces(const std::vector<StripRow>& rows, std::size_t tokens,
                                       std::size_t most) {
    std::vector<double> largest(tokens, 0.0);
    for (const StripRow& row : rows)
        for (std::size_t i = 0; i < tokens; ++i)
            largest[i] = std::max(largest[i], std::abs(row.scores.at(i)));
    std::vector<std::size_t> order(tokens);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return largest[a] > largest[b]; });
    order.resize(std::min(most, tokens));
    std::sort(order.begin(), order.end());
    return order;
}

// Adds tokens [begin, end) as one box.
void addRest(StripContent& out, const std::vector<StripRow>& rows, std::size_t begin,
             std::size_t end) {
    if (begin == end) return;
    Token token;
    token.text = "… " + std::to_string(end - begin) + " …";
    out.tokens.push_back(token);
    out.leftOut += end - begin;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const auto at = rows[r].scores.begin();
        out.rows[r].scores.push_back(std::accumulate(at + static_cast<std::ptrdiff_t>(begin),
                                                     at + static_cast<std::ptrdiff_t>(end), 0.0));
    }
}

// One line of the text in every row.
Drawing lineDrawing(const StripContent& content, std::size_t begin, std::size_t end, double scale,
                    int width) {
    const auto from = static_cast<std::ptrdiff_t>(begin), to = static_cast<std::ptrdiff_t>(end);
    const std::vector<Token> tokens(content.tokens.begin() + from, content.tokens.begin() + to);
    Drawing out{"", width, 0};
    for (const StripRow& row : content.rows) {
        const std::vector<double> scores(row.scores.begin() + from, row.scores.begin() + to);
        Drawing label{
            svgText(0, kLabelHeight - 4, cutText(row.label, kLabelColumns), "start", kLabelFont),
            width, kLabelHeight};
        appendBelow(out, label);
        appendBelow(out, tokenStrip(tokens, scores, scale, width));
    }
    return out;
}

}  // namespace

StripContent shortened(const std::vector<Token>& tokens, const std::vector<StripRow>& rows,
                       std::size_t most) {
    if (tokens.size() <= most) return {tokens, rows, 0};
    StripContent out;
    for (const StripRow& row : rows) out.rows.push_back({row.label, {}});
    std::size_t next = 0;
    for (const std::size_t place : largestPlaces(rows, tokens.size(), most)) {
        addRest(out, rows, next, place);
        out.tokens.push_back(tokens[place]);
        for (std::size_t r = 0; r < rows.size(); ++r)
            out.rows[r].scores.push_back(rows[r].scores[place]);
        next = place + 1;
    }
    addRest(out, rows, next, tokens.size());
    return out;
}

std::vector<std::string> pairedStripsSvg(const StripContent& content, double scale,
                                         const std::string& title, int width) {
    std::vector<std::string> out;
    const std::vector<std::size_t> starts = stripLines(content.tokens, width);
    std::string names;
    for (const StripRow& row : content.rows) names += (names.empty() ? "" : "; ") + row.label;
    Drawing page{"", width, 0};
    const auto finish = [&] {
        if (page.height == 0) return;
        const std::string part = out.empty() ? "" : ", continued";
        out.push_back(svgFigure(page, {title + part, "Rows, from above: " + names +
                                                         ". The number under each token is its "
                                                         "score."}));
        page = {"", width, 0};
    };
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : content.tokens.size();
        const Drawing line = lineDrawing(content, starts[i], end, scale, width);
        if (page.height > 0 && page.height + line.height > kMostHeight) finish();
        appendBelow(page, line, page.height > 0 ? kLineGap : 0);
    }
    finish();
    return out;
}

}  // namespace driftlens
