// The sample classifier, models made from it whose truth is known, and drifts of many at once.
#pragma once

#include "core/base/run_context.h"
#include "engine/variants/variant.h"
#include "samples/sample.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace driftlens::science {

LoadedVariant loadSample();

// Held-out sentences, so many of every shape, shape by shape.
std::vector<Example> heldOut(std::size_t perShape, std::uint64_t seed);

// Every Linear of the blocks rounded to INT4 groups of 32, up or down at random so that the mean is
// the weight. Draws depend on seed, module and draw alone.
std::shared_ptr<const Model> stochasticRounding(const Model& model, std::uint64_t seed,
                                                std::uint64_t draw);

// Every Linear of the blocks at W + share · (W' − W).
std::shared_ptr<const Model> between(const Model& from, const Model& to, double share);

// The same function by other weights: hidden channels, MLP units and heads in another order; per
// dimension of a head, queries times c and keys by c, values times d and the output's columns by d.
std::shared_ptr<const Model> sameFunction(const Model& model, std::uint64_t seed);

// Trained from this seed on sentences of the sample; answers are those of `answerOf`.
using AnswerOf = std::string (*)(const Example& example);
std::shared_ptr<const Model> trainTwin(const LoadedVariant& sample, bool withOthersOnly,
                                       AnswerOf answerOf, std::uint64_t seed);

// Drift of input × gradient by Spearman over content tokens, of the reference's answer, for many
// models on the same sentences. Batches by shape: what runMethod gives one by one.
class FastDrift {
public:
    FastDrift(const LoadedVariant& reference, const std::vector<Example>& examples);
    ~FastDrift();
    // One per sentence; NaN where it is undefined.
    std::vector<double> of(const Model& model) const;
    // The largest difference from the scores that the engine gives, relative to the largest score.
    double distanceFromEngine(std::size_t sentences) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace driftlens::science
