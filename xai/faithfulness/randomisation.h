// Sanity check under randomised weights (Adebayo et al. 2018, "Sanity checks for saliency maps"):
// an explanation that stays as it is when the model forgets what it learned explains the input, not
// the model.
#pragma once

#include "core/base/statistics/correlation.h"

#include <string>

namespace driftlens::faithfulness {

// The same explanation of a model whose layers from the output down to `layer` were drawn anew.
struct RandomisedScores {
    std::string layer;
    std::vector<double> scores;
};

struct RandomisationStep {
    std::string layer;
    Correlation magnitudes;    // Spearman of |scores| with those of the trained model
    Correlation signedScores;  // and of the scores
};

enum class RandomisationVerdict {
    DependsOnWeights,
    IgnoresWeights,
    Undecided,
};

struct RandomisationCheck {
    std::vector<RandomisationStep> steps;
    RandomisationVerdict verdict = RandomisationVerdict::Undecided;
    std::string reason;  // one line, with the numbers
};

inline constexpr double kUnchangedRank = 0.5;
inline constexpr double kUnchangedLevel = 0.05;
// Of four units the very same order comes by chance once in 24: two-sided that is above the level.
inline constexpr std::size_t kFewestUnits = 5;

// The paper looks at plots; the rule here is our own and goes by the last step, where most is
// randomised, and by the larger of its two coefficients:
//   below kUnchangedRank: depends on the weights;
//   not below, and p < kUnchangedLevel: ignores the weights;
//   not below but not beyond chance, undefined, or fewer units than kFewestUnits: undecided.
// Steps are in the order of the cascade. Throws Error(Usage) for no step, for scores that are not
// finite and for another number of them.
RandomisationCheck randomisationCheck(std::span<const double> scores,
                                      std::span<const RandomisedScores> cascade);

}  // namespace driftlens::faithfulness
