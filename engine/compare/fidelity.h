// Change of outputs between two models at one position.
#pragma once

#include "core/model/compute.h"
#include "engine/compare/comparison.h"

#include <span>

namespace driftlens {

class Model;
class RunContext;

// Log-probabilities (float64) of the answers at the target's position.
std::vector<double> answerLogProbabilities(const Model& model, const std::vector<std::int64_t>& ids,
                                           std::int64_t position, ComputeType compute,
                                           const RunContext& context);

// The most probable answers with their texts, best first; of equals the smaller id. Fewer where
// there are no more.
std::vector<RankedAnswer> bestAnswers(const Model& model, const Tokenizer& tokenizer,
                                      std::span<const double> logProbabilities, std::size_t count);

// Divergences in nats (Kullback and Leibler 1951), Jensen–Shannon in bits (Lin 1991). The vectors
// have equal length.
Fidelity fidelityOf(std::span<const double> reference, std::span<const double> variant);

}  // namespace driftlens
