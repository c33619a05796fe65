// Agreement of two explanations, beside what chance alone gives: short inputs agree by accident.
#pragma once

#include "core/base/figure.h"

#include <span>
#include <string>
#include <vector>

namespace driftlens {

// An agreement that is 1 for equal explanations.
struct AgreementFigure {
    std::string id;  // "spearman", "jaccard@5", "feature_agreement_area", …; stored: append only
    Figure raw;
    Figure byChance;   // expected if b's scores were dealt to the tokens at random
    Figure corrected;  // chanceCorrected of both
};

// (raw - chance) / (1 - chance): 1 for equal explanations, 0 for agreement by chance, negative
// below. Undefined where either is, and where chance alone agrees fully.
Figure chanceCorrected(const Figure& raw, const Figure& byChance);

// The top-k measures of top_k.h at these k and their areas, rank-biased overlap with p = 0.9,
// pairwise rank agreement, the correlations of scores and of |scores|, cosine. "By chance" is the
// exact mean over all permutations of b, ties broken at random; that of a correlation is 0. Throws
// Error(Internal) if the lengths differ.
std::vector<AgreementFigure> agreementFigures(std::span<const double> a, std::span<const double> b,
                                              std::span<const std::size_t> topCounts);

}  // namespace driftlens
