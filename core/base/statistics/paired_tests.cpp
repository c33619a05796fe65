#include "core/base/statistics/paired_tests.h"

#include "core/base/checked_math.h"
#include "core/base/error.h"
#include "core/base/statistics/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace driftlens {
namespace {

constexpr std::size_t kMostSignFlips = 24;

// P(at most as many of the rarer kind), of first + second throws of a fair coin.
double rarerP(std::uint64_t first, std::uint64_t second) {
    return fairCoinCdf(std::min(first, second), first + second);
}

TestResult chiSquareTest(double difference, double total) {
    const double z = difference / std::sqrt(total);
    return {finiteFigure(z * z), finiteFigure(twoSidedNormalP(z))};
}

// How many of the 2^n ways to sign the values bring |partial + their sum| to the threshold.
std::uint64_t countReaching(std::span<const double> values, double partial, double threshold) {
    if (values.empty()) return std::abs(partial) >= threshold ? 1 : 0;
    const auto rest = values.subspan(1);
    return countReaching(rest, partial + values[0], threshold) +
           countReaching(rest, partial - values[0], threshold);
}

}  // namespace

McNemar mcNemar(std::uint64_t onlyFirstRight, std::uint64_t onlySecondRight) {
    if (!checkedSum(onlyFirstRight, onlySecondRight))
        throw Error(ErrorKind::Usage, "McNemar: the counts together exceed 64 bits");
    const std::uint64_t total = onlyFirstRight + onlySecondRight;
    const std::uint64_t rarer = std::min(onlyFirstRight, onlySecondRight);
    McNemar out;
    out.oneSidedP = rarerP(onlyFirstRight, onlySecondRight);
    out.exactP = std::min(1.0, 2.0 * out.oneSidedP);
    out.midP = std::min(1.0, 2.0 * out.oneSidedP - fairCoinProbability(rarer, total));
    if (total == 0) {
        const Figure none = undefinedFigure("no pair disagrees");
        out.chiSquare = out.correctedChiSquare = {none, none};
        return out;
    }
    const auto difference = static_cast<double>(total - 2 * rarer);
    out.chiSquare = chiSquareTest(difference, static_cast<double>(total));
    out.correctedChiSquare =
        chiSquareTest(std::max(0.0, difference - 1.0), static_cast<double>(total));
    return out;
}

Range clopperPearson(std::uint64_t successes, std::uint64_t trials, double level) {
    if (successes > trials) {
        throw Error(ErrorKind::Usage, "Clopper-Pearson: " + std::to_string(successes) +
                                          " successes of " + std::to_string(trials) + " trials");
    }
    if (!(level > 0.0 && level < 1.0)) {
        throw Error(ErrorKind::Usage,
                    "Clopper-Pearson: level " + std::to_string(level) + " is not in (0, 1)");
    }
    const double tail = 0.5 * (1.0 - level);
    const auto k = static_cast<double>(successes);
    const auto n = static_cast<double>(trials);
    return {successes == 0 ? 0.0 : betaQuantile(k, n - k + 1.0, tail),
            successes == trials ? 1.0 : betaQuantile(k + 1.0, n - k, 1.0 - tail)};
}

std::string whyUntestable(std::span<const double> differences) {
    if (differences.empty()) return "no differences";
    return allFinite(differences) ? "" : "a difference is not finite";
}

TestResult signTest(std::span<const double> differences) {
    if (const auto reason = whyUntestable(differences); !reason.empty())
        return {undefinedFigure(reason), undefinedFigure(reason)};
    const auto positive =
        std::count_if(differences.begin(), differences.end(), [](double d) { return d > 0.0; });
    const auto negative =
        std::count_if(differences.begin(), differences.end(), [](double d) { return d < 0.0; });
    const double p =
        2.0 * rarerP(static_cast<std::uint64_t>(positive), static_cast<std::uint64_t>(negative));
    return {finiteFigure(static_cast<double>(positive)), finiteFigure(std::min(1.0, p))};
}

TestResult signFlipTest(std::span<const double> differences) {
    if (const auto reason = whyUntestable(differences); !reason.empty())
        return {undefinedFigure(reason), undefinedFigure(reason)};
    std::vector<double> sizes;
    double sum = 0.0;
    for (const double d : differences) {
        sum += d;
        if (d != 0.0) sizes.push_back(std::abs(d));
    }
    const Figure mean = finiteFigure(sum / static_cast<double>(differences.size()));
    const double largestSum = std::accumulate(sizes.begin(), sizes.end(), 0.0);
    if (!std::isfinite(largestSum)) return {mean, undefinedFigure("the sum is not finite")};
    if (sizes.size() > kMostSignFlips) {
        return {mean, undefinedFigure("more than " + std::to_string(kMostSignFlips) +
                                      " differences are not zero: too many choices of signs")};
    }
    // Two sums that are equal but for rounding differ by no more than this.
    const double rounding =
        static_cast<double>(sizes.size()) * std::numeric_limits<double>::epsilon() * largestSum;
    const auto reaching = static_cast<double>(countReaching(sizes, 0.0, std::abs(sum) - rounding));
    return {mean, finiteFigure(std::scalbn(reaching, -static_cast<int>(sizes.size())))};
}

}  // namespace driftlens
