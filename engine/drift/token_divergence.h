// The summary of `llama-perplexity --kl-divergence` over the tokens of a text, by its definitions
// (tools/perplexity/perplexity.cpp of llama.cpp), in double and without its clipping of the
// reference's log-probabilities to 16 bits and to 16 nats below the top logit.
#pragma once

#include "core/base/figure.h"

#include <cstddef>
#include <span>
#include <vector>

namespace driftlens {

// One token of a text, under both models.
struct TokenOutcome {
    double referenceLog = 0.0;  // log-probability of the token that comes
    double variantLog = 0.0;
    double kl = 0.0;  // KL(reference ‖ variant) of the whole prediction, nats
    bool isTopSame = false;
};

// From the log-probabilities of the whole vocabulary. Throws Error(Numeric) if the KL divergence is
// undefined, Error(Internal) if the token is outside the vocabulary.
TokenOutcome tokenOutcome(std::span<const double> reference, std::span<const double> variant,
                          std::size_t token);

// A figure and its standard error, as llama-perplexity prints after ±. Tokens of one text are not
// independent, so that it tends to be too small: intervals over examples are in cluster.h.
struct Estimated {
    Figure value;
    Figure error;  // undefined for fewer than two tokens
};

struct AtQuantile {
    double probability = 0.0;
    Figure value;
};

struct DivergenceSummary {
    std::size_t tokens = 0;
    Estimated variantPerplexity;    // Mean PPL(Q): e^m, error e^m s, of mean m ± s of -variantLog
    Estimated referencePerplexity;  // Mean PPL(base)
    Figure logCorrelation;          // Cor(ln PPL(Q), ln PPL(base)): Pearson's over tokens
    Estimated logRatio;    // Mean ln(PPL(Q)/PPL(base)); its error knows the covariance of both
    Estimated ratio;       // Mean PPL(Q)/PPL(base): e^logRatio, error e^logRatio times its error
    Estimated difference;  // Mean PPL(Q)-PPL(base); error by the covariance
    Estimated kl;          // Mean KLD
    std::vector<AtQuantile> klQuantiles;  // Maximum, 99.9, …, Median, …, 0.1 %, Minimum
    Estimated probabilityChange;          // Mean Δp, of the token that comes: variant - reference
    std::vector<AtQuantile> probabilityChangeQuantiles;
    Estimated rmsProbabilityChange;  // RMS Δp: √m, error s / (2 √m), of mean m ± s of Δp²
    Estimated sameTop;               // Same top p, error √(p (1 - p) / (n - 1))
};

// All figures are undefined for no tokens and for an outcome that is not finite.
DivergenceSummary divergenceSummary(std::span<const TokenOutcome> outcomes);

}  // namespace driftlens
