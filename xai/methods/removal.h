// How methods that need no gradients take tokens away, and which tokens go together.
#pragma once

#include "core/base/parameters.h"
#include "xai/methods/method.h"
#include "xai/targets/changed_texts.h"

#include <optional>
#include <string>
#include <vector>

namespace driftlens {

// Rows for the parameter tables of such methods.
inline constexpr ParameterInfo kReplaceParameter = {
    "replace",
    ParameterKind::Text,
    "mask",
    0,
    0,
    "mask, pad, unknown, zero, mean, delete or token:ID",
    "what takes the place of a token that is removed"};
inline constexpr ParameterInfo kKeepSpecialParameter = {"special",
                                                        ParameterKind::Choice,
                                                        "keep",
                                                        0,
                                                        0,
                                                        "keep|replace",
                                                        "whether special tokens are removed too"};
inline constexpr ParameterInfo kUnitParameter = {"unit",
                                                 ParameterKind::Choice,
                                                 "token",
                                                 0,
                                                 0,
                                                 "token|word|sentence",
                                                 "what is removed together"};

// Whether a text of which everything is deleted has to have an answer.
enum class EmptyText { Scored, NeverAsked };

// The input without some of its tokens, as the settings replace and special say. Where a text may
// be deleted to the last token, a begin or end token stands in front of every text, so that the
// empty one has an answer. The scorer is borrowed.
class Removal {
public:
    // Throws Error(Usage) for a replacement that the model does not have.
    Removal(const MethodInput& in, const ParameterSet& settings, Scorer& scorer,
            EmptyText empty = EmptyText::Scored);

    // removed: one entry per token of the input.
    ChangedText without(const std::vector<bool>& removed) const;
    // [texts, columns()]: the target's value, then those of a continuation's tokens if it has
    // several.
    std::vector<double> values(std::span<const ChangedText> texts) {
        return m_scorer.values(texts);
    }
    std::size_t columns() const { return m_scorer.columns(); }
    void addTarget(const Target& other) { m_scorer.addTarget(other); }  // a column more
    void expect(std::size_t texts) { m_scorer.expect(texts); }          // for progress

    bool canRemove(std::size_t token) const { return m_canRemove[token]; }
    // What a removed token becomes, for people.
    const std::string& said() const { return m_said; }

private:
    static at::Tensor vectorOf(const MethodInput& in, const std::string& replace,
                               const Scorer& scorer);

    ChangedText m_ids;
    std::vector<bool> m_canRemove;
    std::optional<std::int64_t> m_id;  // none: deleted
    std::optional<std::int64_t> m_front;
    std::string m_said;
    ChangedTextScorer m_scorer;
};

// Tokens that are removed together, ascending within a unit and by their first token; tokens that
// cannot be removed are in none. Words and sentences are those of groups.h: a token in none of them
// is a unit of its own. Throws Error(Usage) if no token can be removed, or where the input has no
// text to find words in.
using UnitTokens = std::vector<std::vector<std::size_t>>;
UnitTokens unitsOf(const MethodInput& in, const ParameterSet& settings, const Removal& removal);

// Scores of units, shared evenly by their tokens; 0 for tokens that are in none.
std::vector<double> sharedByTokens(const std::vector<double>& unitScores, const UnitTokens& units,
                                   std::size_t tokens);

}  // namespace driftlens
