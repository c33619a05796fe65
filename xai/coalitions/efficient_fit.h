// The weighted least-squares problem whose solution over all coalitions is the Shapley values
// (Charnes et al. 1988), on a sample of them: Σ values = full − empty holds exactly.
#pragma once

#include "xai/coalitions/evaluator.h"

namespace driftlens::coalitions {

// What was drawn together, one coalition or one with its complement: rows first … first + rows − 1.
struct DrawnUnit {
    std::size_t first = 0;
    std::size_t rows = 1;
    double times = 1.0;       // how often it was drawn; its rows' weights are for all of them
    std::size_t stratum = 0;  // units of a stratum are exchangeable
};

// A sample of coalitions, neither empty nor full. Rows of no unit are there by design, not by
// chance: they add nothing to the standard errors.
struct CoalitionSample {
    std::vector<Coalition> coalitions;
    std::vector<double> weights;          // one per coalition, positive
    std::vector<DrawnUnit> units;         // none: deterministic
    std::vector<double> missedOfStratum;  // share of its units that were not drawn: 1 if they
                                          // were drawn with replacement
};

// Minimises Σ w (outputs − empty − z·values)² under Σ values = full − empty, where z is a
// coalition's membership; of the solutions the one nearest to equal values. outputs
// [coalitions, targets]; ends: full and empty of each target, the rest is filled in but for the
// count and the gap.
//
// Standard errors: linearised, each unit's residual divided by 1 − its leverage as if it had been
// left out (Bell and McCaffrey 2002, CR3), between the units of a stratum. Throws Error(Numeric) if
// the values hang on a single unit, so that nothing can be said of its error.
std::vector<PlayerValues> fitEfficient(const CoalitionSample& sample, const ScoreTable& outputs,
                                       std::vector<PlayerValues> ends);

// How values are made of a sample of two players or more: as fitEfficient.
using SampleFit = std::function<std::vector<PlayerValues>(
    const CoalitionSample& sample, const ScoreTable& outputs, std::vector<PlayerValues> ends)>;

// The values that a sample gives: both ends and the rows are scored, fitted and counted.
std::vector<PlayerValues> estimateFrom(Tally& tally, std::size_t players,
                                       const CoalitionSample& sample,
                                       const SampleFit& fit = fitEfficient);

// Estimates with ever larger samples, draw(rows) for twice as many rows each time, until the
// largest standard error is at most the plan's tolerance or the budget is used; without a tolerance
// at once with the whole budget. `least` is the number of rows to begin with.
std::vector<PlayerValues> estimateUntil(Evaluator& evaluator, const SamplingPlan& plan,
                                        std::size_t least,
                                        const std::function<CoalitionSample(std::size_t)>& draw,
                                        const SampleFit& fit = fitEfficient);

}  // namespace driftlens::coalitions
