// Agreement over pairs of tokens: is the larger |score| of two the same one in both explanations?
#pragma once

#include "core/base/figure.h"

#include <span>

namespace driftlens {

// Both throw Error(Internal) if the lengths differ, and have no value for fewer than two tokens.

// The share of pairs whose |scores| compare alike in a and b: both larger, smaller or equal
// (Krishna et al. 2022). O(n²).
Figure pairwiseRankAgreement(std::span<const double> a, std::span<const double> b);

// What it is expected to be if b's scores were dealt to the tokens at random: with the shares t and
// u of pairs that are tied in a and b, t u + (1 - t) (1 - u) / 2.
Figure pairwiseRankAgreementByChance(std::span<const double> a, std::span<const double> b);

}  // namespace driftlens
