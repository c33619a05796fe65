#include "xai/metrics/pairwise_agreement.h"

#include "xai/metrics/ranking.h"

#include <algorithm>
#include <string>
#include <vector>

namespace driftlens {
namespace {

std::string whyWithoutPairs(std::span<const double> a, std::span<const double> b) {
    const std::string reason = whyIncomparable(a, b);
    return reason.empty() && a.size() < 2 ? "fewer than two tokens" : reason;
}

double pairsOf(double count) {
    return 0.5 * count * (count - 1.0);
}

double tiedShare(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    double tied = 0.0;
    for (auto begin = values.begin(); begin != values.end();) {
        const auto end = std::upper_bound(begin, values.end(), *begin);
        tied += pairsOf(static_cast<double>(end - begin));
        begin = end;
    }
    return tied / pairsOf(static_cast<double>(values.size()));
}

}  // namespace

Figure pairwiseRankAgreement(std::span<const double> a, std::span<const double> b) {
    if (const auto reason = whyWithoutPairs(a, b); !reason.empty()) return undefinedFigure(reason);
    const std::vector<double> x = magnitudes(a);
    const std::vector<double> y = magnitudes(b);
    double alike = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j)
            alike += (x[i] > x[j]) == (y[i] > y[j]) && (x[i] < x[j]) == (y[i] < y[j]) ? 1.0 : 0.0;
    }
    return {alike / pairsOf(static_cast<double>(x.size())), ""};
}

Figure pairwiseRankAgreementByChance(std::span<const double> a, std::span<const double> b) {
    if (const auto reason = whyWithoutPairs(a, b); !reason.empty()) return undefinedFigure(reason);
    const double t = tiedShare(magnitudes(a));
    const double u = tiedShare(magnitudes(b));
    return {t * u + 0.5 * (1.0 - t) * (1.0 - u), ""};
}

}  // namespace driftlens
