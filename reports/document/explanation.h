// What all writers of an explanation, the terminal among them, share.
#pragma once

#include "engine/compare/explain.h"

#include <string>
#include <vector>

namespace driftlens {

// "Driftlens: why MODEL answered “ANSWER”".
std::string explanationTitle(const Explanation& explanation);

// A column per group, as columnsOf() gives one per token or part.
ScoredColumns columnsOfGroups(const Attribution& attribution);

// Those with the largest absolute scores, in their order.
ScoredColumns largestColumns(const ScoredColumns& columns, std::size_t most);
std::vector<std::size_t> largestIndices(const std::vector<double>& scores, std::size_t most);

// Of the parts: every name of a figure, and whether any has answers.
std::vector<std::string> figureNames(const Attribution& attribution);
bool hasAnswers(const Attribution& attribution);

// Two units of a text and what they do together, with the tokens of a unit joined.
struct UnitPair {
    std::string first, second;
    double value = 0.0;
};
// By falling magnitude, each pair once.
std::vector<UnitPair> strongestPairs(const PairScores& pairs, const std::vector<Token>& tokens,
                                     std::size_t most);

// The best of a part's answers with their log-probabilities: "“ lamp” -0.1, “ light” -2.3".
std::string answersText(const std::vector<RankedAnswer>& answers, std::size_t most);

}  // namespace driftlens
