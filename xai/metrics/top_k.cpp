#include "xai/metrics/top_k.h"

#include "core/base/error.h"
#include "xai/metrics/ranking.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

constexpr TopKMeasure kMeasures[] = {{"feature_agreement", &TopKCurves::feature},
                                     {"rank_agreement", &TopKCurves::rank},
                                     {"sign_agreement", &TopKCurves::sign},
                                     {"signed_rank_agreement", &TopKCurves::signedRank},
                                     {"jaccard", &TopKCurves::jaccard}};

void resize(TopKCurves& curves, std::size_t n) {
    for (const TopKMeasure& measure : kMeasures) (curves.*measure.curve).assign(n, 0.0);
}

// Counts that begin at some k become shares of every k.
void accumulate(std::vector<double>& starts) {
    double count = 0.0;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        count += starts[i];
        starts[i] = count / static_cast<double>(i + 1);
    }
}

std::size_t signClass(double value) {
    return value > 0 ? 2 : value < 0 ? 0 : 1;
}

// Sums of logarithms: element i is ln i!.
std::vector<double> logFactorials(std::size_t n) {
    std::vector<double> out(n + 1, 0.0);
    for (std::size_t i = 1; i <= n; ++i) out[i] = out[i - 1] + std::log(static_cast<double>(i));
    return out;
}

// The mean of x / (2 k - x) over the overlap x of two random sets of k out of n.
double jaccardByChance(std::size_t n, std::size_t k, const std::vector<double>& logFactorial) {
    if (k == n) return 1.0;
    const auto logChoose = [&](std::size_t of, std::size_t choose) {
        return logFactorial[of] - logFactorial[choose] - logFactorial[of - choose];
    };
    // Overlaps further than this from their mean have no probability that a double would notice.
    const double share = static_cast<double>(k) / static_cast<double>(n);
    const double center = static_cast<double>(k) * share;
    const double reach = 12.0 * std::sqrt(center) * (1.0 - share) + 20.0;
    const std::size_t least = std::max(2 * k > n ? 2 * k - n : 0,
                                       static_cast<std::size_t>(std::max(0.0, center - reach)));
    const std::size_t most = std::min(k, static_cast<std::size_t>(center + reach));
    double mean = 0.0;
    for (std::size_t x = least; x <= most; ++x) {
        const double probability =
            std::exp(logChoose(k, x) + logChoose(n - k, k - x) - logChoose(n, k));
        mean += probability * static_cast<double>(x) / static_cast<double>(2 * k - x);
    }
    return mean;
}

}  // namespace

std::span<const TopKMeasure> topKMeasures() {
    return kMeasures;
}

TopKCurves topKCurves(std::span<const double> a, std::span<const double> b) {
    TopKCurves out;
    out.reason = whyIncomparable(a, b);
    if (!out.reason.empty()) return out;
    const std::size_t n = a.size();
    const std::vector<std::size_t> rankingA = rankingByMagnitude(a);
    const std::vector<std::size_t> rankingB = rankingByMagnitude(b);
    std::vector<std::size_t> rankInB(n);
    for (std::size_t r = 0; r < n; ++r) rankInB[rankingB[r]] = r;
    resize(out, n);
    for (std::size_t r = 0; r < n; ++r) {
        const std::size_t token = rankingA[r];
        const std::size_t common = std::max(r, rankInB[token]);  // it is in both from here on
        const bool isSameSign = haveSameSign(a[token], b[token]);
        const bool isSameRank = r == rankInB[token];
        out.feature[common] += 1.0;
        out.sign[common] += isSameSign ? 1.0 : 0.0;
        out.rank[common] += isSameRank ? 1.0 : 0.0;
        out.signedRank[common] += isSameRank && isSameSign ? 1.0 : 0.0;
    }
    for (const TopKMeasure& measure : kMeasures) accumulate(out.*measure.curve);
    for (std::size_t i = 0; i < n; ++i) out.jaccard[i] = out.feature[i] / (2.0 - out.feature[i]);
    return out;
}

TopKCurves topKCurvesByChance(std::span<const double> a, std::span<const double> b) {
    TopKCurves out;
    out.reason = whyIncomparable(a, b);
    if (!out.reason.empty()) return out;
    const std::size_t count = a.size();
    const auto n = static_cast<double>(count);
    const std::vector<std::size_t> rankingA = rankingByMagnitude(a);
    const std::vector<std::size_t> rankingB = rankingByMagnitude(b);
    const std::vector<double> logFactorial = logFactorials(count);
    resize(out, count);
    std::array<double, 3> signsOfA = {}, signsOfB = {};
    double sameSignRanks = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t signOfA = signClass(a[rankingA[i]]);
        const std::size_t signOfB = signClass(b[rankingB[i]]);
        signsOfA[signOfA] += 1.0;
        signsOfB[signOfB] += 1.0;
        sameSignRanks += signOfA == signOfB ? 1.0 : 0.0;
        const auto k = static_cast<double>(i + 1);
        out.feature[i] = k / n;
        out.rank[i] = 1.0 / n;
        out.sign[i] =
            std::inner_product(signsOfA.begin(), signsOfA.end(), signsOfB.begin(), 0.0) / (k * n);
        out.signedRank[i] = sameSignRanks / (k * n);
        out.jaccard[i] = jaccardByChance(count, i + 1, logFactorial);
    }
    return out;
}

Figure atTop(const TopKCurves& curves, TopKCurve curve, std::size_t k) {
    if (!curves.reason.empty()) return undefinedFigure(curves.reason);
    if (k == 0) throw Error(ErrorKind::Internal, "agreement: the top 0 tokens");
    const std::vector<double>& values = curves.*curve;
    if (k > values.size()) return undefinedFigure("fewer than " + std::to_string(k) + " tokens");
    return {values[k - 1], ""};
}

Figure areaUnder(const TopKCurves& curves, TopKCurve curve) {
    if (!curves.reason.empty()) return undefinedFigure(curves.reason);
    const std::vector<double>& values = curves.*curve;
    return {std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size()),
            ""};
}

}  // namespace driftlens
