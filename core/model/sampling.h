// How a token is chosen from logits. No LibTorch: engine and app name these options.
#pragma once

#include <cstdint>
#include <span>

namespace driftlens {

// Greedy takes the largest logit, the lower id of equals. Otherwise one token is drawn from
// softmax(logits / temperature), cut to the topK most probable and then to the smallest set whose
// share of those reaches topP (Holtzman et al. 2020).
struct SamplingOptions {
    double temperature = 0.0;  // 0: greedy
    std::int64_t topK = 0;     // 0: all
    double topP = 1.0;         // in (0, 1]
    // A draw depends on the seed, the prompt's number in the batch and the token's in the text.
    std::uint64_t seed = 0;
};

// Throws Error(Usage), naming the option and its value.
void checkSampling(const SamplingOptions& options);

// The id of the token that `uniform` in [0, 1) chooses; greedy ignores it. At least one logit.
// Throws Error(Numeric) for a logit that is NaN or infinite upwards.
std::int64_t sampleToken(std::span<const double> logits, const SamplingOptions& options,
                         double uniform);

}  // namespace driftlens
