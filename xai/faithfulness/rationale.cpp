#include "xai/faithfulness/rationale.h"

#include "core/base/error.h"
#include "xai/faithfulness/curves.h"
#include "xai/faithfulness/input.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace driftlens::faithfulness {
namespace {

void checkSameSize(std::size_t tokens, const TokenSet& rationale) {
    if (tokens == rationale.size()) return;
    throw Error(ErrorKind::Usage, "a rationale over " + std::to_string(rationale.size()) +
                                      " tokens for " + std::to_string(tokens));
}

Figure undefinedForNone() {
    return undefinedFigure("no token is in the rationale");
}

// Why an agreement that only ranks tokens says nothing; empty if it says something.
std::string whyTrivial(const TokenSet& rationale) {
    if (rationale.none()) return "no token is in the rationale";
    return rationale.all() ? "every token is in the rationale: any scores agree" : "";
}

double ratio(std::size_t part, std::size_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
}

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;  // exclusive
};

std::vector<Span> spansOf(const TokenSet& tokens) {
    std::vector<Span> out;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!tokens.test(i)) continue;
        if (out.empty() || out.back().end != i) out.push_back({i, i});
        out.back().end = i + 1;
    }
    return out;
}

bool isMatch(const Span& a, const Span& b) {
    const std::size_t begin = std::max(a.begin, b.begin);
    const std::size_t end = std::min(a.end, b.end);
    if (begin >= end) return false;
    const std::size_t both = end - begin;
    return ratio(both, (a.end - a.begin) + (b.end - b.begin) - both) >= kSpanMatch;
}

}  // namespace

TokenSet topTokens(std::span<const double> scores, std::size_t k) {
    const Order order = ranking(scores);
    if (k > order.size()) {
        throw Error(ErrorKind::Usage, "the top " + std::to_string(k) + " of " +
                                          std::to_string(order.size()) + " tokens");
    }
    TokenSet out(order.size());
    for (std::size_t i = 0; i < k; ++i) out.set(order[i]);
    return out;
}

TokenSet tokensAbove(std::span<const double> scores, double threshold) {
    checkScores(scores);
    if (std::isnan(threshold)) throw Error(ErrorKind::Usage, "the threshold is not a number");
    TokenSet out(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) out.set(i, scores[i] > threshold);
    return out;
}

Figure tokenF1(const TokenSet& predicted, const TokenSet& rationale) {
    checkSameSize(predicted.size(), rationale);
    if (rationale.none()) return undefinedForNone();
    return finiteFigure(
        ratio(2 * (predicted & rationale).count(), predicted.count() + rationale.count()));
}

Figure tokenIou(const TokenSet& predicted, const TokenSet& rationale) {
    checkSameSize(predicted.size(), rationale);
    if (rationale.none()) return undefinedForNone();
    return finiteFigure(ratio((predicted & rationale).count(), (predicted | rationale).count()));
}

Figure spanF1(const TokenSet& predicted, const TokenSet& rationale) {
    checkSameSize(predicted.size(), rationale);
    if (rationale.none()) return undefinedForNone();
    const std::vector<Span> found = spansOf(predicted);
    const std::vector<Span> wanted = spansOf(rationale);
    const auto matches =
        static_cast<std::size_t>(std::count_if(found.begin(), found.end(), [&](const Span& span) {
            return std::any_of(wanted.begin(), wanted.end(),
                               [&](const Span& other) { return isMatch(span, other); });
        }));
    return finiteFigure(ratio(2 * matches, found.size() + wanted.size()));
}

Figure averagePrecision(std::span<const double> scores, const TokenSet& rationale) {
    const Order order = ranking(scores);
    checkSameSize(scores.size(), rationale);
    if (const std::string why = whyTrivial(rationale); !why.empty()) return undefinedFigure(why);
    double sum = 0.0;
    std::size_t found = 0;
    std::size_t foundBefore = 0;  // at the last distinct score
    for (std::size_t i = 0; i < order.size(); ++i) {
        found += rationale.test(order[i]) ? 1 : 0;
        if (i + 1 < order.size() && scores[order[i + 1]] == scores[order[i]]) continue;
        sum += ratio(found - foundBefore, rationale.count()) * ratio(found, i + 1);
        foundBefore = found;
    }
    return finiteFigure(sum);
}

RationaleAgreement rationaleAgreementOf(std::span<const double> scores, const TokenSet& rationale,
                                        double threshold) {
    checkSameSize(scores.size(), rationale);
    RationaleAgreement out;
    out.thresholdF1 = tokenF1(tokensAbove(scores, threshold), rationale);
    out.averagePrecision = averagePrecision(scores, rationale);
    if (const std::string why = whyTrivial(rationale); !why.empty()) {
        out.f1 = out.iou = out.spanF1 = undefinedFigure(why);
        return out;
    }
    const TokenSet predicted = topTokens(scores, rationale.count());
    out.f1 = tokenF1(predicted, rationale);
    out.iou = tokenIou(predicted, rationale);
    out.spanF1 = spanF1(predicted, rationale);
    return out;
}

}  // namespace driftlens::faithfulness
