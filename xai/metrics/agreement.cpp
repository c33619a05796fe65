#include "xai/metrics/agreement.h"

#include "core/base/error.h"
#include "core/base/statistics/correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace driftlens {
namespace {

constexpr int kTopCounts[] = {1, 3, 5, 10};

// Indices by falling |value|.
std::vector<std::size_t> rankingOf(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
        return std::abs(values[i]) > std::abs(values[j]);
    });
    return order;
}

bool sameSign(double a, double b) {
    return (a > 0) == (b > 0) && (a < 0) == (b < 0);
}

void addTopK(std::span<const double> a, std::span<const double> b, int k, Agreement& out) {
    const auto n = static_cast<std::size_t>(k);
    const std::string tooShort = "fewer than " + std::to_string(k) + " tokens";
    if (n > a.size()) {
        for (auto* map : {&out.jaccard, &out.featureAgreement, &out.rankAgreement,
                          &out.signAgreement, &out.signedRankAgreement}) {
            (*map)[k] = undefinedFigure(tooShort);
        }
        return;
    }
    const std::vector<std::size_t> ra = rankingOf(a);
    const std::vector<std::size_t> rb = rankingOf(b);
    double common = 0, rank = 0, sign = 0, both = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const auto at = std::find(rb.begin(), rb.begin() + k, ra[i]) - rb.begin();
        if (at == k) continue;
        const bool isSameRank = static_cast<std::size_t>(at) == i;
        const bool isSameSign = sameSign(a[ra[i]], b[ra[i]]);
        ++common;
        rank += isSameRank;
        sign += isSameSign;
        both += isSameRank && isSameSign;
    }
    const double size = k;
    out.jaccard[k] = {common / (2.0 * size - common), ""};
    out.featureAgreement[k] = {common / size, ""};
    out.rankAgreement[k] = {rank / size, ""};
    out.signAgreement[k] = {sign / size, ""};
    out.signedRankAgreement[k] = {both / size, ""};
}

}  // namespace

Figure cosine(std::span<const double> a, std::span<const double> b) {
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    if (aa == 0.0 || bb == 0.0) return undefinedFigure("all scores are zero");
    return finiteFigure(std::clamp(ab / std::sqrt(aa) / std::sqrt(bb), -1.0, 1.0));
}

Figure rankBiasedOverlap(std::span<const double> a, std::span<const double> b, double p) {
    if (a.empty()) return undefinedFigure("no tokens");
    const std::vector<std::size_t> ra = rankingOf(a);
    const std::vector<std::size_t> rb = rankingOf(b);
    std::set<std::size_t> seenA, seenB;
    double overlap = 0, sum = 0, weight = 1;
    for (std::size_t d = 0; d < a.size(); ++d) {
        seenA.insert(ra[d]);
        seenB.insert(rb[d]);
        overlap += ra[d] == rb[d] ? 1.0
                                  : static_cast<double>(seenB.contains(ra[d])) +
                                        static_cast<double>(seenA.contains(rb[d]));
        weight *= p;
        sum += overlap / static_cast<double>(d + 1) * weight;
    }
    const auto n = static_cast<double>(a.size());
    return {overlap / n * weight + (1.0 - p) / p * sum, ""};
}

Agreement agreementOf(std::span<const double> a, std::span<const double> b) {
    if (a.size() != b.size())
        throw Error(ErrorKind::Internal, "agreement: score vectors differ in length");
    Agreement out;
    out.spearman = spearman(a, b).coefficient;
    out.kendall = kendallTauB(a, b).coefficient;
    out.pearson = pearson(a, b).coefficient;
    out.cosine = cosine(a, b);
    out.rbo = rankBiasedOverlap(a, b);
    for (const int k : kTopCounts) addTopK(a, b, k, out);
    return out;
}

}  // namespace driftlens
