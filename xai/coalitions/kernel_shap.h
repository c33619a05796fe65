// KernelSHAP (Lundberg and Lee 2017, "A unified approach to interpreting model predictions").
#pragma once

#include "xai/coalitions/efficient_fit.h"

namespace driftlens::coalitions {

// The form of shap's KernelExplainer: sizes s and players − s together, from the outside in; each
// size that the number of rows covers is enumerated, the others are drawn with their complements;
// a coalition drawn again counts again instead of being a new row.
//
// `rows` distinct coalitions, fewer if 4 draws per missing row bring none that are new; from
// 2^players − 2 on all of them. players ≥ 1, rows ≥ 2 or what there is.
CoalitionSample drawKernelShap(std::size_t players, std::size_t rows, std::uint64_t seed);

// Its values: complete. Throws Error(Usage) for a budget below 4 players + 2.
std::vector<PlayerValues> kernelShap(Evaluator& evaluator, const SamplingPlan& plan);

// The form of captum's KernelShap: the full and the empty coalition with weight 10⁶, then sizes
// drawn by 1 / (s (players − s)), each coalition with weight 1, repeats included; least squares
// with an intercept, so that Σ values differs from full − empty by some 10⁻⁶ of it.
// rows ≥ 3, both ends included; players ≥ 2.
CoalitionSample drawCaptumKernelShap(std::size_t players, std::size_t rows, std::uint64_t seed);

// The coefficients of that regression, [targets][players], without standard errors.
std::vector<std::vector<double>> fitCaptumKernelShap(std::span<const Coalition> coalitions,
                                                     std::span<const double> weights,
                                                     const ScoreTable& outputs);

// Its values. `plan.budget` is captum's n_samples: repeats cost nothing, so that fewer evaluations
// may be counted. The tolerance is not used. Throws Error(Usage) for one player and below
// 2 players + 2 samples.
std::vector<PlayerValues> captumKernelShap(Evaluator& evaluator, const SamplingPlan& plan);

}  // namespace driftlens::coalitions
