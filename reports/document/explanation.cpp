#include "reports/document/explanation.h"

#include "core/base/display_text.h"
#include "core/base/text.h"
#include "reports/figures/token_strip.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace driftlens {

std::string explanationTitle(const Explanation& explanation) {
    return "Driftlens: why " + explanation.model.name() + " answered “" +
           displayText(explanation.target.text) + "”";
}

ScoredColumns columnsOfGroups(const Attribution& attribution) {
    ScoredColumns out;
    for (const ScoreGroup& group : attribution.groups) {
        out.tokens.emplace_back();
        out.tokens.back().id = -1;
        out.tokens.back().text = group.text;
        out.scores.push_back(group.score);
    }
    return out;
}

std::vector<std::size_t> largestIndices(const std::vector<double>& scores, std::size_t most) {
    std::vector<std::size_t> out(scores.size());
    std::iota(out.begin(), out.end(), std::size_t{0});
    if (out.size() <= most) return out;
    std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
        return std::abs(scores[a]) > std::abs(scores[b]);
    });
    out.resize(most);
    std::sort(out.begin(), out.end());
    return out;
}

ScoredColumns largestColumns(const ScoredColumns& columns, std::size_t most) {
    ScoredColumns out;
    for (const std::size_t i : largestIndices(columns.scores, most)) {
        out.tokens.push_back(columns.tokens[i]);
        out.scores.push_back(columns.scores[i]);
    }
    return out;
}

std::vector<std::string> figureNames(const Attribution& attribution) {
    std::set<std::string> names;
    for (const Part& part : attribution.parts)
        for (const auto& [name, value] : part.figures) names.insert(name);
    return {names.begin(), names.end()};
}

bool hasAnswers(const Attribution& attribution) {
    return std::any_of(attribution.parts.begin(), attribution.parts.end(),
                       [](const Part& part) { return !part.answers.empty(); });
}

std::vector<UnitPair> strongestPairs(const PairScores& pairs, const std::vector<Token>& tokens,
                                     std::size_t most) {
    const auto textOf = [&](const std::vector<std::size_t>& unit) {
        std::string out;
        for (const std::size_t token : unit) out += readableToken(tokens[token]);
        return displayText(out);
    };
    const std::size_t count = pairs.units.size();
    std::vector<UnitPair> out;
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = i + 1; j < count; ++j)
            out.push_back(
                {textOf(pairs.units[i]), textOf(pairs.units[j]), pairs.values[i * count + j]});
    std::stable_sort(out.begin(), out.end(), [](const UnitPair& a, const UnitPair& b) {
        return std::abs(a.value) > std::abs(b.value);
    });
    out.resize(std::min(out.size(), most));
    return out;
}

std::string answersText(const std::vector<RankedAnswer>& answers, std::size_t most) {
    std::string out;
    for (std::size_t i = 0; i < answers.size() && i < most; ++i) {
        out += (i > 0 ? ", “" : "“") + displayText(answers[i].text) + "” " +
               formatNumber(answers[i].logProbability, 3);
    }
    return out;
}

}  // namespace driftlens
