// Agreement of two score vectors (reference/drift.md 4.1). Free of methods and of LibTorch.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace driftlens {

// A figure with the reason why it is undefined, if it is.
struct Figure {
    std::optional<double> value;
    std::string reason;  // empty if there is a value
};

// Keys of the maps are k; top-k sets go by |score|, ties to the earlier token.
struct Agreement {
    Figure spearman, kendall, pearson, cosine, rbo;
    std::map<int, Figure> jaccard, featureAgreement, rankAgreement, signAgreement,
        signedRankAgreement;
};

// Average ranks from 1, ties share their mean.
std::vector<double> averageRanks(std::span<const double> values);

// Undefined for fewer than two values or a constant vector.
Figure pearson(std::span<const double> a, std::span<const double> b);
Figure spearman(std::span<const double> a, std::span<const double> b);
Figure kendallTauB(std::span<const double> a, std::span<const double> b);  // Kendall 1945, ties
Figure cosine(std::span<const double> a, std::span<const double> b);

// Rank-biased overlap, extrapolated (Webber et al. 2010, equation 32), over the rankings by
// |score|.
Figure rankBiasedOverlap(std::span<const double> a, std::span<const double> b, double p = 0.9);

// Everything; a and b have equal length, else Error(Internal).
Agreement agreementOf(std::span<const double> a, std::span<const double> b);

}  // namespace driftlens
