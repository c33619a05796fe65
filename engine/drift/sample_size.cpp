#include "engine/drift/sample_size.h"

#include "core/base/error.h"
#include "core/base/statistics/distributions.h"
#include "core/base/statistics/paired_tests.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace driftlens {
namespace {

constexpr double kMostExamples = 1e12;

void requireInUnitInterval(const char* what, double value) {
    if (!(value > 0.0 && value < 1.0)) {
        throw Error(ErrorKind::Usage, std::string("sample size: ") + what + " " +
                                          formatNumber(value) + " is not in (0, 1)");
    }
}

Figure wholeExamples(double count) {
    if (!(count <= kMostExamples)) return undefinedFigure("more than 10^12 examples");
    return {std::max(1.0, std::ceil(count)), ""};
}

}  // namespace

Figure examplesForNoFlips(double rate, double level) {
    requireInUnitInterval("rate", rate);
    requireInUnitInterval("level", level);
    // The upper bound of 0 in n is 1 - ((1 - level) / 2)^(1/n).
    const Figure estimate = wholeExamples(std::log(0.5 * (1.0 - level)) / std::log1p(-rate));
    if (!estimate.value) return estimate;
    auto n = static_cast<std::uint64_t>(*estimate.value);
    while (n > 1 && clopperPearson(0, n - 1, level).high <= rate) --n;
    while (clopperPearson(0, n, level).high > rate) ++n;
    return {static_cast<double>(n), ""};
}

MarginPlan examplesForMargin(double margin, double standardDeviation, double power) {
    if (!(margin > 0.0) || !std::isfinite(margin))
        throw Error(ErrorKind::Usage,
                    "sample size: the margin " + formatNumber(margin) + " is not above 0");
    if (!(standardDeviation >= 0.0) || !std::isfinite(standardDeviation)) {
        throw Error(ErrorKind::Usage, "sample size: the standard deviation " +
                                          formatNumber(standardDeviation) + " is not 0 or above");
    }
    requireInUnitInterval("power", power);
    const auto examples = [&](double quantiles) {
        const double root = quantiles * standardDeviation / margin;
        return wholeExamples(root * root);
    };
    MarginPlan out;
    out.forMaterial = examples(normalQuantile(0.975) + normalQuantile(power));
    out.forImmaterial = examples(normalQuantile(0.95) + normalQuantile(0.5 * (1.0 + power)));
    out.examples = !out.forMaterial.value ? out.forMaterial
                   : !out.forImmaterial.value
                       ? out.forImmaterial
                       : Figure{std::max(*out.forMaterial.value, *out.forImmaterial.value), ""};
    return out;
}

}  // namespace driftlens
