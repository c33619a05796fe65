// What a report found, for a reader who knows nothing of models: a few sentences by fixed rules
// from the numbers, so that the same numbers always read the same.
#pragma once

#include "core/base/json.h"

#include <string>
#include <vector>

namespace driftlens {

// Four to six lines: what was asked, what the model leaned on, what compression changed, and how
// sure that is.
std::vector<std::string> plainSummary(const Json& report);

// The worst finding over all variants, for the top of the first page.
struct Headline {
    enum class Outcome { Unchanged, Changed, Unclear } outcome = Outcome::Unclear;
    std::string label;  // "ANSWER CHANGED"
    std::string text;   // one sentence
};
Headline headlineOf(const Json& report);

// The tokens of the highest and lowest scores, at most so many, in order of |score|. Those below a
// twentieth of the largest count as nothing.
struct LeaningToken {
    std::string text;
    double score = 0.0;
};
std::vector<LeaningToken> leaningTokens(const Json& comparison, const Json& scores,
                                        std::size_t most);

}  // namespace driftlens
