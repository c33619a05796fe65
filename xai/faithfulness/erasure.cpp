#include "xai/faithfulness/erasure.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace driftlens::faithfulness {
namespace {

std::size_t countOf(double fraction, std::size_t units) {
    // 0.07 · 100 is a rounding above 7: less than that is no further unit.
    constexpr double kRounding = 1.0 - 2.0 * std::numeric_limits<double>::epsilon();
    return static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(units) * kRounding));
}

// 1 − S₀ of Carton et al.: what there is to lose.
Figure portion(double drop, const Curves& curves) {
    const double atStake = curves.full() - curves.empty();
    if (atStake <= 0.0) return undefinedFigure("removing every unit does not lower the value");
    return finiteFigure(std::max(0.0, drop) / atStake);
}

Figure complementOf(Figure figure) {
    if (figure.value) figure.value = 1.0 - *figure.value;
    return figure;
}

double sumOf(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

void checkBins(std::span<const double> bins) {
    if (bins.empty()) throw Error(ErrorKind::Usage, "comprehensiveness needs at least one bin");
    for (const double fraction : bins) {
        if (fraction > 0.0 && fraction <= 1.0) continue;
        throw Error(ErrorKind::Usage, "a bin of " + std::to_string(fraction) +
                                          ": bins are fractions above 0, up to 1");
    }
}

Erasure erasureOf(const Curves& curves, std::span<const double> bins) {
    checkBins(bins);
    Erasure out;
    for (const double fraction : bins) {
        const std::size_t k = countOf(fraction, curves.deletion.size() - 1);
        const double comprehensiveness = curves.full() - curves.deletion[k];
        const double sufficiency = curves.full() - curves.insertion[k];
        out.counts.push_back(k);
        out.comprehensiveness.push_back(comprehensiveness);
        out.sufficiency.push_back(sufficiency);
        out.normalisedComprehensiveness.push_back(portion(comprehensiveness, curves));
        out.normalisedSufficiency.push_back(complementOf(portion(sufficiency, curves)));
    }
    return out;
}

Figure binMean(std::span<const double> values) {
    return finiteFigure(sumOf(values) / static_cast<double>(values.size()));
}

Figure binMean(std::span<const Figure> values) {
    std::vector<double> defined;
    for (const Figure& figure : values) {
        if (!figure.value) return figure;
        defined.push_back(*figure.value);
    }
    return binMean(defined);
}

Figure paperMean(std::span<const double> values) {
    return finiteFigure(sumOf(values) / static_cast<double>(values.size() + 1));
}

}  // namespace driftlens::faithfulness
