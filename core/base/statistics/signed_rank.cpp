#include "core/base/statistics/signed_rank.h"

#include "core/base/statistics/correlation.h"
#include "core/base/statistics/distributions.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace driftlens {
namespace {

constexpr std::size_t kMostExact = 1000;
constexpr std::size_t kMostAutomatic = 50;
constexpr std::size_t kMostAutomaticWithTies = 13;

struct SignedRanks {
    std::vector<double> ranks;  // of the differences that are not zero; multiples of 1/2
    double plus = 0.0;          // rank sums of the positive and the negative differences
    double minus = 0.0;
    double splitZeros = 0.0;  // what either side gets of the ranks of zeros
    double variance = 0.0;    // of plus, if every sign is chosen by chance
    bool hasTies = false;     // or zeros
};

SignedRanks signedRanks(std::span<const double> differences, ZeroDifferences zeros) {
    std::vector<double> sizes;
    for (const double d : differences) {
        if (d != 0.0 || zeros != ZeroDifferences::Drop) sizes.push_back(std::abs(d));
    }
    const std::vector<double> ranks = averageRanks(sizes);
    SignedRanks out;
    auto rank = ranks.begin();
    for (const double d : differences) {
        if (d == 0.0 && zeros == ZeroDifferences::Drop) continue;
        if (d != 0.0) out.ranks.push_back(*rank);
        if (d == 0.0 && zeros == ZeroDifferences::Split) out.splitZeros += 0.5 * *rank;
        if (d > 0.0) out.plus += *rank;
        if (d < 0.0) out.minus += *rank;
        if (d != 0.0 || zeros == ZeroDifferences::Split) out.variance += 0.25 * *rank * *rank;
        ++rank;
    }
    out.hasTies = std::set<double>(out.ranks.begin(), out.ranks.end()).size() < differences.size();
    return out;
}

// P(a sum of ranks, each taken by chance 1/2, is at most `limit`). Ranks are multiples of 1/2.
double rankSumCdf(std::span<const double> ranks, double limit) {
    const auto doubled = [](double x) { return static_cast<std::size_t>(std::lround(2.0 * x)); };
    std::vector<double> probability(doubled(limit) + 1, 0.0);  // [2 · sum]
    probability[0] = 1.0;
    for (const double r : ranks) {
        const std::size_t step = doubled(r);
        for (std::size_t sum = probability.size(); sum-- > 0;) {
            const double taken = sum >= step ? probability[sum - step] : 0.0;
            probability[sum] = 0.5 * (probability[sum] + taken);
        }
    }
    return std::accumulate(probability.begin(), probability.end(), 0.0);
}

Figure exactP(const SignedRanks& s) {
    if (s.ranks.size() > kMostExact) {
        return undefinedFigure("more than " + std::to_string(kMostExact) +
                               " differences are not zero: the exact p-value takes too long");
    }
    return finiteFigure(std::min(1.0, 2.0 * rankSumCdf(s.ranks, std::min(s.plus, s.minus))));
}

Figure normalP(const SignedRanks& s, double correction) {
    if (s.variance == 0.0) return undefinedFigure("all differences are zero");
    const double distance = 0.5 * std::abs(s.plus - s.minus);  // of plus from its mean
    return finiteFigure(
        twoSidedNormalP(std::max(0.0, distance - correction) / std::sqrt(s.variance)));
}

SignedRankNull automaticNull(const SignedRanks& s, std::size_t count) {
    const std::size_t most = s.hasTies ? kMostAutomaticWithTies : kMostAutomatic;
    return count <= most ? SignedRankNull::Exact : SignedRankNull::Normal;
}

}  // namespace

TestResult wilcoxonSignedRank(std::span<const double> differences, ZeroDifferences zeros,
                              SignedRankNull null) {
    if (const auto reason = whyUntestable(differences); !reason.empty())
        return {undefinedFigure(reason), undefinedFigure(reason)};
    const SignedRanks s = signedRanks(differences, zeros);
    if (null == SignedRankNull::Automatic) null = automaticNull(s, differences.size());
    const Figure statistic = finiteFigure(std::min(s.plus, s.minus) + s.splitZeros);
    if (null == SignedRankNull::Exact) return {statistic, exactP(s)};
    return {statistic, normalP(s, null == SignedRankNull::CorrectedNormal ? 0.5 : 0.0)};
}

}  // namespace driftlens
