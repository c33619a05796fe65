// A text as a cooperative game: its players are units of tokens, and a coalition is the text with
// the other units removed.
#pragma once

#include "xai/coalitions/evaluator.h"
#include "xai/methods/removal.h"

namespace driftlens {

// Rows for the parameter tables of methods that sample.
inline constexpr ParameterInfo kSamplingToleranceParameter = {
    "tolerance",
    ParameterKind::Number,
    "0",
    0,
    1e6,
    "",
    "stop once the largest standard error of a unit is at most this; 0: use all samples"};

class TextGame {
public:
    // The game's first target is what is explained; the others, if any, the tokens of a
    // continuation one by one.
    TextGame(const MethodInput& in, const ParameterSet& settings, const RunContext& context);
    TextGame(const TextGame&) = delete;
    TextGame& operator=(const TextGame&) = delete;

    // Another target of the game, before anything is scored; its index.
    std::size_t addTarget(const Target& target);

    coalitions::Evaluator& evaluator() { return m_evaluator; }
    std::size_t players() const { return m_units.size(); }
    const UnitTokens& units() const { return m_units; }

    // The text of each player, white space before it included; for hierarchies of a text.
    std::vector<std::string> segments() const;

    // The setting `samples`; where it is 0, 2 · players + `extra`. Never more than there are
    // coalitions.
    std::size_t samples(std::size_t extra);

    // Values of players as an explanation: tokens share their unit's evenly. One result per target
    // of the game. The gap is left out for methods that are not complete.
    Attribution explanation(const std::vector<coalitions::PlayerValues>& results,
                            bool isComplete = true) const;

private:
    std::vector<double> score(std::span<const coalitions::Coalition> coalitions);
    coalitions::Game gameOf();

    const MethodInput& m_in;
    const ParameterSet& m_settings;
    Scorer m_scorer;
    Removal m_removal;
    UnitTokens m_units;
    RunContext m_context;
    coalitions::Evaluator m_evaluator;
};

}  // namespace driftlens
