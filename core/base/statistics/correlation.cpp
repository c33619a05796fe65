#include "core/base/statistics/correlation.h"

#include "core/base/error.h"
#include "core/base/statistics/distributions.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>

namespace driftlens {
namespace {

constexpr std::size_t kExactKendallPairs = 33;

bool isConstant(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; });
}

// Why these pairs have no correlation; empty if they have one.
std::string whyUncorrelated(std::span<const double> a, std::span<const double> b) {
    if (a.size() != b.size()) {
        throw Error(ErrorKind::Usage, "correlation: " + std::to_string(a.size()) +
                                          " values against " + std::to_string(b.size()));
    }
    if (a.size() < 2) return "fewer than two values";
    if (!allFinite(a) || !allFinite(b)) return "a value is not finite";
    if (isConstant(a) || isConstant(b)) return "all values are equal";
    return "";
}

Correlation undefinedCorrelation(const std::string& reason) {
    return {undefinedFigure(reason), undefinedFigure(reason)};
}

void subtractMean(std::vector<double>& values) {
    const double mean =
        std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    for (double& v : values) v -= mean;
}

double dot(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// The values minus their mean, of length 1. They are scaled by a power of two first, so that no
// square overflows or vanishes, and centred twice, so that rounding of a large mean does not stay.
std::vector<double> centredUnit(std::span<const double> values) {
    double largest = 0.0;
    for (const double v : values) largest = std::max(largest, std::abs(v));
    const int exponent = std::ilogb(largest);
    std::vector<double> unit;
    unit.reserve(values.size());
    for (const double v : values) unit.push_back(std::scalbn(v, -exponent));
    subtractMean(unit);
    subtractMean(unit);
    const double length = std::sqrt(dot(unit, unit));
    for (double& v : unit) v /= length;
    return unit;
}

struct LinearRelation {
    double r = 0.0;
    double unexplained = 0.0;  // 1 - r²
};

LinearRelation linearRelation(std::span<const double> a, std::span<const double> b) {
    const std::vector<double> u = centredUnit(a);
    const std::vector<double> v = centredUnit(b);
    double apart = 0.0, together = 0.0;  // |u - v|² = 2 (1 - r) and |u + v|² = 2 (1 + r)
    for (std::size_t i = 0; i < u.size(); ++i) {
        apart += (u[i] - v[i]) * (u[i] - v[i]);
        together += (u[i] + v[i]) * (u[i] + v[i]);
    }
    return {std::clamp(dot(u, v), -1.0, 1.0), std::min(1.0, 0.25 * apart * together)};
}

// P(|T| ≥ |t|) for t² = (n - 2) r² / (1 - r²), written in 1 - r²; n > 2.
double studentP(const LinearRelation& relation, std::size_t n) {
    return incompleteBeta(0.5 * static_cast<double>(n - 2), 0.5, relation.unexplained);
}

// Sorts by merging and counts the pairs that were in falling order. buffer is as long as values.
std::int64_t sortCountingExchanges(std::span<double> values, std::span<double> buffer) {
    if (values.size() < 2) return 0;
    const std::size_t half = values.size() / 2;
    const auto left = values.first(half);
    const auto right = values.subspan(half);
    std::int64_t exchanges =
        sortCountingExchanges(left, buffer) + sortCountingExchanges(right, buffer);
    std::size_t i = 0, j = 0;
    while (i < left.size() || j < right.size()) {
        const bool takesLeft = j == right.size() || (i < left.size() && left[i] <= right[j]);
        if (!takesLeft) exchanges += static_cast<std::int64_t>(left.size() - i);
        buffer[i + j] = takesLeft ? left[i] : right[j];
        ++(takesLeft ? i : j);
    }
    std::copy_n(buffer.begin(), values.size(), values.begin());
    return exchanges;
}

// Sums over the runs of t equal values.
struct Ties {
    double pairs = 0.0;    // Σ t (t - 1) / 2
    double triples = 0.0;  // Σ t (t - 1) (t - 2)
    double spread = 0.0;   // Σ t (t - 1) (2 t + 5)
    std::size_t distinct = 0;
};

// The runs among count positions in order; equal compares two neighbours.
Ties tiesOf(std::size_t count, const std::function<bool(std::size_t, std::size_t)>& equal) {
    Ties ties;
    for (std::size_t begin = 0, end = 0; begin < count; begin = end) {
        while (end < count && equal(begin, end)) ++end;
        const auto t = static_cast<double>(end - begin);
        ties.pairs += t * (t - 1) / 2;
        ties.triples += t * (t - 1) * (t - 2);
        ties.spread += t * (t - 1) * (2 * t + 5);
        ++ties.distinct;
    }
    return ties;
}

// What Kendall's coefficients are made of; n pairs of values make n (n - 1) / 2 comparisons.
struct Comparisons {
    std::size_t n = 0;
    double all = 0.0;
    double discordant = 0.0;
    double balance = 0.0;  // concordant - discordant
    Ties inA, inB;
};

// Knight 1966, "A computer method for calculating Kendall's tau with ungrouped data".
Comparisons compare(std::span<const double> a, std::span<const double> b) {
    std::vector<std::size_t> order(a.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
        return a[i] != a[j] ? a[i] < a[j] : b[i] < b[j];
    });
    const auto equalA = [&](std::size_t i, std::size_t j) { return a[order[i]] == a[order[j]]; };
    const auto equalB = [&](std::size_t i, std::size_t j) { return b[order[i]] == b[order[j]]; };
    Comparisons out;
    out.n = a.size();
    out.all = 0.5 * static_cast<double>(out.n) * static_cast<double>(out.n - 1);
    out.inA = tiesOf(out.n, equalA);
    const Ties inBoth =
        tiesOf(out.n, [&](std::size_t i, std::size_t j) { return equalA(i, j) && equalB(i, j); });
    std::vector<double> sorted, buffer(out.n);
    for (const std::size_t i : order) sorted.push_back(b[i]);
    out.discordant = static_cast<double>(sortCountingExchanges(sorted, buffer));
    out.inB = tiesOf(out.n, [&](std::size_t i, std::size_t j) { return sorted[i] == sorted[j]; });
    const double untied = out.all - out.inA.pairs - out.inB.pairs + inBoth.pairs;
    out.balance = untied - 2.0 * out.discordant;
    return out;
}

// P(a random order of n has at most `limit` pairs out of order): the count of pairs is a sum of
// independent uniform numbers on 0…i for i < n.
double fewExchangesP(std::size_t n, std::size_t limit) {
    std::vector<double> probability(limit + 1, 0.0);
    probability[0] = 1.0;
    for (std::size_t i = 1; i < n; ++i) {
        std::vector<double> next(limit + 1, 0.0);
        double window = 0.0;
        for (std::size_t count = 0; count <= limit; ++count) {
            window += probability[count];
            if (count > i) window -= probability[count - i - 1];
            next[count] = window / static_cast<double>(i + 1);
        }
        probability = std::move(next);
    }
    return std::accumulate(probability.begin(), probability.end(), 0.0);
}

// Kendall 1970, "Rank correlation methods", 4th edition: exact by page 68, else normal.
Figure kendallP(const Comparisons& c) {
    const double fewer = std::min(c.discordant, c.all - c.discordant);
    const bool isTied = c.inA.pairs > 0.0 || c.inB.pairs > 0.0;
    if (!isTied && (c.n <= kExactKendallPairs || fewer <= 1.0))
        return finiteFigure(
            std::min(1.0, 2.0 * fewExchangesP(c.n, static_cast<std::size_t>(fewer))));
    const auto n = static_cast<double>(c.n);
    const double ordered = n * (n - 1);
    const double variance = (ordered * (2 * n + 5) - c.inA.spread - c.inB.spread) / 18 +
                            2 * c.inA.pairs * c.inB.pairs / ordered +
                            c.inA.triples * c.inB.triples / (9 * ordered * (n - 2));
    return finiteFigure(twoSidedNormalP(c.balance / std::sqrt(variance)));
}

// Weights 1 / (1 + rank), rank 0 for the largest value of a (of b among equals).
double weightedTauByFirst(std::span<const double> a, std::span<const double> b) {
    std::vector<std::size_t> order(a.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
        return a[i] != a[j] ? a[i] > a[j] : b[i] > b[j];
    });
    const auto sign = [](double x, double y) { return static_cast<double>((x > y) - (x < y)); };
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t j = 0; j < order.size(); ++j) {
        for (std::size_t i = 0; i < j; ++i) {
            const double weight =
                1.0 / static_cast<double>(i + 1) + 1.0 / static_cast<double>(j + 1);
            const double signA = sign(a[order[i]], a[order[j]]);
            const double signB = sign(b[order[i]], b[order[j]]);
            ab += weight * signA * signB;
            aa += weight * signA * signA;
            bb += weight * signB * signB;
        }
    }
    return ab / std::sqrt(aa) / std::sqrt(bb);
}

}  // namespace

std::vector<double> averageRanks(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t i, std::size_t j) { return values[i] < values[j]; });
    std::vector<double> ranks(values.size());
    for (std::size_t i = 0; i < order.size();) {
        std::size_t j = i;
        while (j < order.size() && values[order[j]] == values[order[i]]) ++j;
        for (std::size_t t = i; t < j; ++t) ranks[order[t]] = 0.5 * static_cast<double>(i + j + 1);
        i = j;
    }
    return ranks;
}

Correlation pearson(std::span<const double> a, std::span<const double> b) {
    if (const auto reason = whyUncorrelated(a, b); !reason.empty())
        return undefinedCorrelation(reason);
    const LinearRelation relation = linearRelation(a, b);
    return {finiteFigure(relation.r),
            finiteFigure(a.size() == 2 ? 1.0 : studentP(relation, a.size()))};
}

Correlation spearman(std::span<const double> a, std::span<const double> b) {
    if (const auto reason = whyUncorrelated(a, b); !reason.empty())
        return undefinedCorrelation(reason);
    const LinearRelation relation = linearRelation(averageRanks(a), averageRanks(b));
    if (a.size() == 2)
        return {finiteFigure(relation.r), undefinedFigure("two values have no p-value")};
    return {finiteFigure(relation.r), finiteFigure(studentP(relation, a.size()))};
}

Correlation kendallTauB(std::span<const double> a, std::span<const double> b) {
    if (const auto reason = whyUncorrelated(a, b); !reason.empty())
        return undefinedCorrelation(reason);
    const Comparisons c = compare(a, b);
    const double scale = std::sqrt(c.all - c.inA.pairs) * std::sqrt(c.all - c.inB.pairs);
    return {finiteFigure(std::clamp(c.balance / scale, -1.0, 1.0)), kendallP(c)};
}

Correlation kendallTauC(std::span<const double> a, std::span<const double> b) {
    if (const auto reason = whyUncorrelated(a, b); !reason.empty())
        return undefinedCorrelation(reason);
    const Comparisons c = compare(a, b);
    const auto n = static_cast<double>(c.n);
    const auto classes = static_cast<double>(std::min(c.inA.distinct, c.inB.distinct));
    const double tau = 2.0 * c.balance * classes / (n * n * (classes - 1.0));
    return {finiteFigure(std::clamp(tau, -1.0, 1.0)), kendallP(c)};
}

Figure weightedTau(std::span<const double> a, std::span<const double> b) {
    if (const auto reason = whyUncorrelated(a, b); !reason.empty()) return undefinedFigure(reason);
    const double tau = 0.5 * (weightedTauByFirst(a, b) + weightedTauByFirst(b, a));
    return finiteFigure(std::clamp(tau, -1.0, 1.0));
}

}  // namespace driftlens
