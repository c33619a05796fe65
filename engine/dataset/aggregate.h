// The figures of a data set from those of its examples: means and shares with intervals, verdicts,
// quadrants, slices. Pure functions of outcomes: a resumed run aggregates to the same bits.
#pragma once

#include "core/base/run_context.h"
#include "engine/dataset/outcome.h"
#include "engine/drift/drift_difference.h"
#include "engine/drift/gate.h"
#include "engine/drift/quadrants.h"
#include "engine/drift/token_divergence.h"
#include "engine/drift/verdict.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

// Floors and controls of one metric, found on a few examples of the reference.
struct MetricYardsticks {
    Figure repeatability;  // drift of the reference against itself, the largest kind's
    std::map<std::string, Figure> repeatabilityBy;  // "float64", "batch_shape"
    Figure estimation;
    std::map<std::string, Figure> estimationBy;  // "seed", "nodes"
    std::map<std::string, Figure> disagreement;  // "baseline", other methods: shown, in no floor
    std::map<std::string, Figure> precision;     // "bfloat16", "float16"
    std::map<std::size_t, NoiseControl> noise;   // by variant
    std::size_t examples = 0;
};
// By "method.metric"; of figures of the output, by metric.
using Yardsticks = std::map<std::string, MetricYardsticks>;

struct AggregateFigure {
    Figure value;
    Interval interval;  // 95 %, two-sided
    Figure byChance,
        corrected;  // of agreements: their mean by chance, (value − chance) / (1 − chance)
    Figure p;
    std::string pMeaning;  // of what hypothesis p is the p-value
    Figure adjustedP;
    std::string pLabel;  // "primary, Holm over 2", …
    std::uint64_t examples = 0;
    std::uint64_t undefined = 0;  // without a value on this metric, though the example succeeded
};

// A primary endpoint and its verdict.
struct EndpointVerdict {
    std::string figure;  // "flip_rate", "integrated_gradients.spearman"
    double margin = 0.0;
    Judgement judgement;
};

struct SliceFigures {
    std::string slice;
    std::uint64_t examples = 0;
    std::map<std::string, AggregateFigure> figures;  // flip_rate and the primary ones
};

struct VariantAggregate {
    std::map<std::string, AggregateFigure> output;  // by metric
    // By method, and "attention_maps" and "activations" for the insides of the network.
    std::map<std::string, std::map<std::string, AggregateFigure>> methods;
    std::optional<DivergenceSummary> tokens;  // of causal language models, if asked
    std::vector<EndpointVerdict> verdicts;
    QuadrantTable quadrants;  // by the primary metric of the first method
    FragilityReport fragility;
    std::vector<SliceFigures> slices;
    std::string worstSlice;  // by flip rate
    std::uint64_t failed = 0;
};

// Which of two variants drifts more, on the examples that both answered.
struct VariantDifference {
    std::size_t first = 0, second = 0;  // of the variants
    std::string figure;                 // "integrated_gradients.spearman"
    DriftDifference found;
};

struct Aggregate {
    std::uint64_t examples = 0, failed = 0;
    std::vector<VariantAggregate> variants;
    // Of checkpoints in a row: each variant but the first against the one before it.
    std::vector<VariantAggregate> fromPrevious;
    std::vector<VariantDifference> differences;  // every pair, by the primary metric
    Yardsticks yardsticks;
};

struct AggregatePlan {
    std::vector<std::string> methods;
    std::string primary = "spearman";
    std::map<std::string, double> margins;  // in the place of the table's
    std::uint64_t seed = 0;
    std::map<std::string, std::string> invalid;  // by method: why no verdict may rest on it
};

// outcomes in the order of the file. Throws Error(Usage) for a primary metric that has no margin.
Aggregate aggregateOf(const std::vector<ExampleOutcome>& outcomes, std::size_t variants,
                      const AggregatePlan& plan, Yardsticks yardsticks, const RunContext& context);

// Drift of a metric from its margin's table, of one value.
double marginOf(const AggregatePlan& plan, const std::string& metric);

// What gates may name.
std::vector<GateFigure> gateFigures(const Aggregate& aggregate,
                                    const std::vector<std::string>& variantNames);

}  // namespace driftlens
