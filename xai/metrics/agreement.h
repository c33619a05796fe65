// Agreement of two score vectors (reference/drift.md 4.1). Free of methods and of LibTorch.
#pragma once

#include "core/base/figure.h"

#include <map>
#include <span>

namespace driftlens {

// Keys of the maps are k; top-k sets go by |score|, ties to the earlier token.
struct Agreement {
    Figure spearman, kendall, pearson, cosine, rbo;
    std::map<int, Figure> jaccard, featureAgreement, rankAgreement, signAgreement,
        signedRankAgreement;
};

// Undefined for a vector of zeros and for a score that is not finite.
Figure cosine(std::span<const double> a, std::span<const double> b);

// Rank-biased overlap, extrapolated, over the rankings by |score| (rank_biased_overlap.h).
// Undefined for no scores and for a score that is not finite.
Figure rankBiasedOverlap(std::span<const double> a, std::span<const double> b, double p = 0.9);

// Everything; a and b have equal length, else Error(Internal).
Agreement agreementOf(std::span<const double> a, std::span<const double> b);

}  // namespace driftlens
