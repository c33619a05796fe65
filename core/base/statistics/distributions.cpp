#include "core/base/statistics/distributions.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace driftlens {
namespace {

boost::math::binomial fairCoin(std::uint64_t n) {
    return boost::math::binomial(static_cast<double>(n), 0.5);
}

}  // namespace

double normalCdf(double z) {
    return boost::math::cdf(boost::math::normal(), z);
}

double normalQuantile(double probability) {
    return boost::math::quantile(boost::math::normal(), probability);
}

double twoSidedNormalP(double z) {
    return std::erfc(std::abs(z) / std::numbers::sqrt2);
}

double incompleteBeta(double a, double b, double x) {
    return boost::math::ibeta(a, b, x);
}

double betaQuantile(double a, double b, double probability) {
    return boost::math::ibeta_inv(a, b, probability);
}

double fairCoinCdf(std::uint64_t k, std::uint64_t n) {
    return boost::math::cdf(fairCoin(n), static_cast<double>(k));
}

double fairCoinProbability(std::uint64_t k, std::uint64_t n) {
    return boost::math::pdf(fairCoin(n), static_cast<double>(k));
}

bool allFinite(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace driftlens
