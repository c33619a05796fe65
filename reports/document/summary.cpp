#include "reports/document/summary.h"

#include "core/base/display_text.h"
#include "reports/document/json_view.h"
#include "reports/document/summary_rules.h"
#include "reports/figures/svg.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace driftlens {

std::vector<std::string> plainSummary(const Json& report) {
    std::vector<std::string> out =
        report.contains("dataset") ? datasetSummary(report) : promptSummary(report);
    for (std::string& line : out) line = displayText(line);
    return out;
}

Headline headlineOf(const Json& report) {
    return report.contains("dataset") ? datasetHeadline(report) : promptHeadline(report);
}

std::string namedIfFew(const std::vector<std::string>& names) {
    constexpr std::size_t kFew = 3;
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? ": " : ", ") + name;
    return names.size() <= kFew ? out : "";
}

std::vector<LeaningToken> leaningTokens(const Json& comparison, const Json& scores,
                                        std::size_t most) {
    const Json& tokens = memberOf(comparison, "tokens");
    const std::vector<double> values = numbersOf(scores);
    if (values.size() != tokens.size()) return {};  // of parts of the network, not of words
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::abs(values[a]) > std::abs(values[b]);
    });
    std::vector<LeaningToken> out;
    for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
        const double score = values[order[i]];
        if (score == 0.0 || std::abs(score) < std::abs(values[order[0]]) / 20.0) break;
        Token token;
        token.text = textOf(memberOf(tokens[order[i]], "text"));
        out.push_back({readableToken(token), score});
    }
    return out;
}

}  // namespace driftlens
