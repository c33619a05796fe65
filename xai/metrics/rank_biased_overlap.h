// Overlap of two rankings, weighted towards their heads (Webber, Moffat and Zobel 2010, "A
// similarity measure for indefinite rankings").
#pragma once

#include "core/base/figure.h"

#include <span>
#include <vector>

namespace driftlens {

// Rankings list distinct items, the first one first; they may differ in length and items. All
// throw Error(Usage) if p is not in (0, 1), and have no value if a ranking is empty.

// Equation 32: the unseen rest is taken to agree as what was seen does.
Figure extrapolatedOverlap(std::span<const std::size_t> a, std::span<const std::size_t> b,
                           double p);

// Equation 11 at the depth of the shorter ranking: what holds whatever comes after.
Figure leastOverlap(std::span<const std::size_t> a, std::span<const std::size_t> b, double p);

// The mean of the shares that the first 1, …, d items have in common, for every depth d of the
// shorter ranking (Fagin, Kumar and Sivakumar 2003).
std::vector<double> averageOverlap(std::span<const std::size_t> a, std::span<const std::size_t> b);

// What extrapolatedOverlap of a ranking of n items and a uniformly random one is expected to be.
Figure overlapByChance(std::size_t n, double p);

}  // namespace driftlens
