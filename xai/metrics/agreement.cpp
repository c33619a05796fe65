#include "xai/metrics/agreement.h"

#include "core/base/statistics/correlation.h"
#include "xai/metrics/rank_biased_overlap.h"
#include "xai/metrics/ranking.h"
#include "xai/metrics/top_k.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace driftlens {
namespace {

constexpr std::size_t kTopCounts[] = {1, 3, 5, 10};

void addTopK(const TopKCurves& curves, std::size_t k, Agreement& out) {
    const auto key = static_cast<int>(k);
    out.featureAgreement[key] = atTop(curves, &TopKCurves::feature, k);
    out.rankAgreement[key] = atTop(curves, &TopKCurves::rank, k);
    out.signAgreement[key] = atTop(curves, &TopKCurves::sign, k);
    out.signedRankAgreement[key] = atTop(curves, &TopKCurves::signedRank, k);
    out.jaccard[key] = atTop(curves, &TopKCurves::jaccard, k);
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
    if (const auto reason = whyIncomparable(a, b); !reason.empty()) return undefinedFigure(reason);
    return extrapolatedOverlap(rankingByMagnitude(a), rankingByMagnitude(b), p);
}

Agreement agreementOf(std::span<const double> a, std::span<const double> b) {
    const TopKCurves curves = topKCurves(a, b);
    Agreement out;
    out.spearman = spearman(a, b).coefficient;
    out.kendall = kendallTauB(a, b).coefficient;
    out.pearson = pearson(a, b).coefficient;
    out.cosine = cosine(a, b);
    out.rbo = rankBiasedOverlap(a, b);
    for (const std::size_t k : kTopCounts) addTopK(curves, k, out);
    return out;
}

}  // namespace driftlens
