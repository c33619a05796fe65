// How far a variant's answer at one position lies from the reference's, from log-probabilities.
#pragma once

#include "core/base/figure.h"

#include <cstddef>
#include <map>
#include <span>
#include <string>

namespace driftlens {

// Log-probabilities are natural and of the whole vocabulary; minus infinity is probability 0. All
// throw Error(Internal) if the lengths differ or there are none.

// KL(p ‖ q) in nats, at least 0. Undefined where it is infinite, and for a log-probability that is
// NaN or above 0 by more than rounding.
Figure klOfLogs(std::span<const double> logP, std::span<const double> logQ);

// In bits, in [0, 1].
Figure jensenShannonOfLogs(std::span<const double> logP, std::span<const double> logQ);

// The share of the k most probable answers that both have in common, ties to the lower id.
Figure topOverlapOfLogs(std::span<const double> logP, std::span<const double> logQ, std::size_t k);

// The most probable answer, ties to the lower id; of at least one log-probability, none NaN.
std::size_t topAnswer(std::span<const double> logs);

struct OutputDrift {
    std::string reason;  // why nothing is known, as of a variant that gave NaN: the example failed
    Figure kl;           // KL(reference ‖ variant), nats
    Figure reverseKl;    // KL(variant ‖ reference), nats
    Figure jensenShannon;                      // bits
    Figure probabilityLoyalty;                 // 1 - √jensenShannon (Xu et al. 2021)
    std::map<std::size_t, Figure> topOverlap;  // by k
    std::size_t referenceTop = 0;              // the most probable answers
    std::size_t variantTop = 0;
    bool isFlip = false;                // they differ
    double referenceProbability = 0.0;  // each model's probability of the reference's answer
    double variantProbability = 0.0;
    double probabilityChange = 0.0;  // variant - reference
};

OutputDrift outputDrift(std::span<const double> reference, std::span<const double> variant,
                        std::span<const std::size_t> topCounts = {});

}  // namespace driftlens
