// Training of small models from random weights: AdamW, warm-up, clipping. No LibTorch in this
// header.
#pragma once

#include "core/base/run_context.h"
#include "core/model/spec.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace driftlens {

class Model;

// Equally long rows. answers[row] is a class, or the tokens after the columns `positions` (the same
// columns in every row; empty for classifiers).
struct TrainingBatch {
    std::vector<std::vector<std::int64_t>> ids;
    std::vector<std::int64_t> positions;
    std::vector<std::vector<std::int64_t>> answers;
};

struct TrainingPlan {
    std::int64_t steps = 1000;
    std::int64_t warmUpSteps = 100;  // then linear decay to zero
    double learningRate = 1e-3;
    double weightDecay = 0.01;  // decoupled (Loshchilov and Hutter 2019); matrices only
    double clipNorm = 1.0;      // of all gradients together
    double initialDeviation = 0.02;
    std::uint64_t seed = 0;
};

// Draws weights from the seed and minimises the cross-entropy of the answers. nextBatch is called
// once per step. The stage of the progress carries the loss. Returns a model with plain float32
// weights.
std::shared_ptr<const Model> trainFromScratch(
    const ModelSpec& spec, const TrainingPlan& plan,
    const std::function<TrainingBatch(std::int64_t step)>& nextBatch, const RunContext& context);

// The answers the model gives to equally long rows: classes, or next tokens.
std::vector<std::int64_t> answersOf(const Model& model,
                                    const std::vector<std::vector<std::int64_t>>& rows,
                                    const RunContext& context);

}  // namespace driftlens
