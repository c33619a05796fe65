// Agreement of the k tokens with the largest |score| (Krishna et al. 2022, "The disagreement
// problem in explainable machine learning"), for every k: ties go to the earlier token.
#pragma once

#include "core/base/figure.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Element k - 1 is the agreement at k, for k = 1, …, n; every share is of k but Jaccard's.
struct TopKCurves {
    std::vector<double> feature;     // tokens among both top k
    std::vector<double> rank;        // … at the same rank
    std::vector<double> sign;        // … of the same sign
    std::vector<double> signedRank;  // … at the same rank and of the same sign
    std::vector<double> jaccard;     // tokens among both, of those among either
    std::string reason;              // why the curves are empty
};

using TopKCurve = std::vector<double> TopKCurves::*;

struct TopKMeasure {
    std::string_view id;  // stored in reports: append only
    TopKCurve curve;
};
std::span<const TopKMeasure> topKMeasures();

// Both throw Error(Internal) if the lengths differ.
TopKCurves topKCurves(std::span<const double> a, std::span<const double> b);

// The expected curves if b's scores were dealt to the tokens at random, each permutation as likely,
// ties broken at random. Closed forms: k / n for features, 1 / n for ranks; for signs from how many
// are positive, negative and zero in each top k; for Jaccard over the hypergeometric overlap.
TopKCurves topKCurvesByChance(std::span<const double> a, std::span<const double> b);

// The figure at k, for k = 1, …; undefined beyond the number of tokens.
Figure atTop(const TopKCurves& curves, TopKCurve curve, std::size_t k);

// The mean over k = 1, …, n: the area under the curve over k / n, by rectangles.
Figure areaUnder(const TopKCurves& curves, TopKCurve curve);

}  // namespace driftlens
