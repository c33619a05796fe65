// The distributions that the tests and intervals need, through Boost.Math. Arguments are checked by
// the callers: outside what is stated here the behaviour is Boost's, an exception.
#pragma once

#include <cstdint>
#include <span>

namespace driftlens {

double normalCdf(double z);                 // P(Z ≤ z); z may be infinite
double normalQuantile(double probability);  // its inverse; probability in (0, 1)
double twoSidedNormalP(double z);           // P(|Z| ≥ |z|)

// The regularised incomplete beta function I_x(a, b); a and b above 0, x in [0, 1].
double incompleteBeta(double a, double b, double x);
// Its inverse in x; probability in [0, 1].
double betaQuantile(double a, double b, double probability);

// P(X ≤ k) and P(X = k) for the number X of heads in n throws of a fair coin; k ≤ n.
double fairCoinCdf(std::uint64_t k, std::uint64_t n);
double fairCoinProbability(std::uint64_t k, std::uint64_t n);

// False if a value is NaN or infinite.
bool allFinite(std::span<const double> values);

}  // namespace driftlens
