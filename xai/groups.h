// Scores of tokens added up to words, sentences or spans of the text.
#pragma once

#include "xai/attribution.h"

#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

enum class GroupUnit { Token, Word, Sentence, Span };

// What scores are added up to. "token" leaves them as they are.
struct Grouping {
    GroupUnit unit = GroupUnit::Token;
    std::vector<ByteRange> spans;  // of Span: ascending, without overlap

    // "token", "word", "sentence" or "spans=0-12,13-30" (half-open byte ranges of the prompt).
    // Throws Error(Usage) for anything else.
    static Grouping parse(std::string_view text);
    std::string text() const;  // as parse() takes it
    bool operator==(const Grouping&) const = default;
};

struct GroupedScores {
    std::vector<ScoreGroup> groups;
    std::string rule;  // how tokens were added up, or why they were not
};

// Throws Error(Usage) if the text has no such units: it was given as ids, or a span lies outside
// it, cuts a character or holds no token.
void checkGrouping(const TokenizedInput& input, const Grouping& grouping);

// A token belongs to the unit that holds its first byte which is not white space. One that is in no
// unit (a special token, white space, what lies between spans) is a group of its own, so that
// groups add up to what tokens add up to. In the order of the tokens; none for GroupUnit::Token and
// for scores that belong to parts of the network. Throws as checkGrouping does.
GroupedScores groupScores(const Attribution& attribution, const TokenizedInput& input,
                          const Grouping& grouping);

}  // namespace driftlens
