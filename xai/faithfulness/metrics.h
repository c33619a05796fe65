// Every metric of one explanation, and the table that says what each of them is.
#pragma once

#include "xai/faithfulness/erasure.h"
#include "xai/faithfulness/limits.h"
#include "xai/faithfulness/rationale.h"
#include "xai/faithfulness/robustness.h"

#include <string_view>

namespace driftlens::faithfulness {

// One row of the metric table each.
struct MetricFigures {
    Figure comprehensiveness, sufficiency;
    Figure comprehensivenessPaper, sufficiencyPaper;
    Figure normalisedComprehensiveness, normalisedSufficiency;
    Figure deletionAuc, insertionAuc;
    Figure aopc, aopcLower, aopcUpper, normalisedAopc;
    Figure randomAopc, randomAopcError, aboveRandom;
    Figure tauLeaveOneOut;
    Figure gini, entropy, effectiveCount, hoyer;
    Figure infidelity, normalisedInfidelity, maxSensitivity;
    Figure rationaleF1, rationaleThresholdF1, rationaleIou, rationaleSpanF1, averagePrecision;
};

struct ExplanationMetrics {
    MetricFigures figures;
    Curves curves;
    Erasure erasure;
    std::vector<double> leaveOneOut;   // [units]
    std::optional<AopcLimits> limits;  // as they were found; the figures hold the own AOPC too
    std::size_t newEvaluations = 0;    // coalitions that this call had scored
};

struct MetricOptions {
    std::size_t target = 0;
    std::vector<double> bins{kEraserBins.begin(), kEraserBins.end()};
    std::size_t exactLimitUnits = kExactLimitUnits;  // beyond them the limits are a beam's
    std::size_t beamWidth = kBeamWidth;              // narrower where the evaluations would not do
    std::size_t mostLimitEvaluations = 8192;  // of a beam; where 1 is too wide there are no limits
    std::size_t randomOrders = 10;
    std::uint64_t seed = 0;  // of the random orders
    // What was found elsewhere; the figures that rest on it are undefined without.
    std::optional<TokenSet> rationale;
    double rationaleThreshold = 0.0;
    std::optional<PerturbationResponses> responses;
    std::optional<NearbyExplanations> nearby;
};

// scores[i] belongs to player i of the game. Each coalition is scored once, and all that are known
// beforehand are scored together, in full batches. Throws Error(Usage) for scores that are not
// finite or not one per unit, and what the single metrics throw.
ExplanationMetrics metricsOf(Evaluator& evaluator, std::span<const double> scores,
                             const MetricOptions& options = {});

enum class Direction { HigherIsBetter, LowerIsBetter, Neither };

struct MetricRow {
    std::string_view id;  // in JSON and on the command line; stored, does not change
    std::string_view title;
    std::string_view definition;
    Direction direction = Direction::Neither;
    Range range;  // where values are probabilities; may be infinite
    std::string_view paper;
    Figure MetricFigures::*figure = nullptr;
};

// One row per figure, in the order of MetricFigures.
std::span<const MetricRow> metricTable();

}  // namespace driftlens::faithfulness
