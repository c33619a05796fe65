// p-values adjusted for the number of tests. Pure functions.
#pragma once

#include <span>
#include <vector>

namespace driftlens {

// Each returns one adjusted p-value per given one, in the given order, at most 1; none for none.
// Throws Error(Usage) if a p-value is not in [0, 1].

// Any wrong rejection at all, for any dependence between the tests.
std::vector<double> bonferroni(std::span<const double> p);
std::vector<double> holm(std::span<const double> p);  // Holm 1979; never larger than Bonferroni's

// The share of wrong rejections: for independent or positively dependent tests (Benjamini and
// Hochberg 1995), and for any (Benjamini and Yekutieli 2001).
std::vector<double> benjaminiHochberg(std::span<const double> p);
std::vector<double> benjaminiYekutieli(std::span<const double> p);

}  // namespace driftlens
