#include "xai/metrics/chance.h"

#include "core/base/statistics/correlation.h"
#include "xai/metrics/agreement.h"
#include "xai/metrics/pairwise_agreement.h"
#include "xai/metrics/rank_biased_overlap.h"
#include "xai/metrics/ranking.h"
#include "xai/metrics/top_k.h"

#include <cmath>
#include <numeric>
#include <utility>

namespace driftlens {
namespace {

constexpr double kPersistence = 0.9;

AgreementFigure withChance(std::string id, Figure raw, Figure byChance) {
    if (!raw.value) byChance = undefinedFigure(raw.reason);
    Figure corrected = chanceCorrected(raw, byChance);
    return {std::move(id), std::move(raw), std::move(byChance), std::move(corrected)};
}

// The mean over permutations of the scalar product is the product of the sums by their number.
Figure cosineByChance(std::span<const double> a, std::span<const double> b) {
    const auto sum = [](std::span<const double> v) {
        return std::accumulate(v.begin(), v.end(), 0.0);
    };
    const auto squares = [](std::span<const double> v) {
        return std::inner_product(v.begin(), v.end(), v.begin(), 0.0);
    };
    const double norms = std::sqrt(squares(a)) * std::sqrt(squares(b));
    if (norms == 0.0) return undefinedFigure("all scores are zero");
    return finiteFigure(sum(a) * sum(b) / static_cast<double>(a.size()) / norms);
}

void addTopK(std::vector<AgreementFigure>& out, std::span<const double> a,
             std::span<const double> b, std::span<const std::size_t> topCounts) {
    const TopKCurves curves = topKCurves(a, b);
    const TopKCurves byChance = topKCurvesByChance(a, b);
    for (const TopKMeasure& measure : topKMeasures()) {
        const std::string id(measure.id);
        for (const std::size_t k : topCounts) {
            out.push_back(withChance(id + "@" + std::to_string(k), atTop(curves, measure.curve, k),
                                     atTop(byChance, measure.curve, k)));
        }
        out.push_back(withChance(id + "_area", areaUnder(curves, measure.curve),
                                 areaUnder(byChance, measure.curve)));
    }
}

void addCorrelations(std::vector<AgreementFigure>& out, std::span<const double> a,
                     std::span<const double> b) {
    const std::vector<double> x = magnitudes(a), y = magnitudes(b);
    const Figure none = {0.0, ""};
    out.push_back(withChance("spearman", spearman(a, b).coefficient, none));
    out.push_back(withChance("spearman_abs", spearman(x, y).coefficient, none));
    out.push_back(withChance("kendall", kendallTauB(a, b).coefficient, none));
    out.push_back(withChance("kendall_abs", kendallTauB(x, y).coefficient, none));
    out.push_back(withChance("pearson", pearson(a, b).coefficient, none));
}

}  // namespace

Figure chanceCorrected(const Figure& raw, const Figure& byChance) {
    if (!raw.value) return undefinedFigure(raw.reason);
    if (!byChance.value) return undefinedFigure(byChance.reason);
    constexpr double kRounding = 1e-12;
    if (1.0 - *byChance.value <= kRounding) return undefinedFigure("chance alone agrees fully");
    return finiteFigure((*raw.value - *byChance.value) / (1.0 - *byChance.value));
}

std::vector<AgreementFigure> agreementFigures(std::span<const double> a, std::span<const double> b,
                                              std::span<const std::size_t> topCounts) {
    std::vector<AgreementFigure> out;
    addTopK(out, a, b, topCounts);
    out.push_back(withChance("rbo", rankBiasedOverlap(a, b, kPersistence),
                             overlapByChance(a.size(), kPersistence)));
    out.push_back(withChance("pairwise_rank_agreement", pairwiseRankAgreement(a, b),
                             pairwiseRankAgreementByChance(a, b)));
    addCorrelations(out, a, b);
    out.push_back(withChance("cosine", cosine(a, b), cosineByChance(a, b)));
    return out;
}

}  // namespace driftlens
