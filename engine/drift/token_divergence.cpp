#include "engine/drift/token_divergence.h"

#include "core/base/error.h"
#include "core/base/statistics/correlation.h"
#include "core/base/statistics/distributions.h"
#include "core/base/statistics/quantile.h"
#include "engine/drift/output_fidelity.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace driftlens {
namespace {

constexpr double kKlProbabilities[] = {1.0, 0.999, 0.99, 0.95,  0.9, 0.5,
                                       0.1, 0.05,  0.01, 0.001, 0.0};
constexpr double kChangeProbabilities[] = {1.0,  0.999, 0.99, 0.95, 0.9,   0.75, 0.5,
                                           0.25, 0.1,   0.05, 0.01, 0.001, 0.0};

double meanOf(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The covariance of the means of two paired samples of at least two.
double covarianceOfMeans(std::span<const double> a, std::span<const double> b) {
    const double meanA = meanOf(a), meanB = meanOf(b);
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - meanA) * (b[i] - meanB);
    const auto n = static_cast<double>(a.size());
    return sum / (n * (n - 1.0));
}

Figure errorFigure(double error, std::size_t count) {
    return count < 2 ? undefinedFigure("fewer than two tokens") : finiteFigure(error);
}

double errorOfMean(std::span<const double> values) {
    return std::sqrt(covarianceOfMeans(values, values));
}

Estimated meanWithError(std::span<const double> values) {
    return {finiteFigure(meanOf(values)), errorFigure(errorOfMean(values), values.size())};
}

// e^x of x with this error, to first order.
Estimated exponential(const Estimated& x) {
    if (!x.value.value) return x;
    const double value = std::exp(*x.value.value);
    return {finiteFigure(value), x.error.value ? finiteFigure(value * *x.error.value) : x.error};
}

// √x of x with this error, to first order.
Estimated squareRoot(const Estimated& x) {
    if (!x.value.value) return x;
    const double root = std::sqrt(*x.value.value);
    if (!x.error.value) return {finiteFigure(root), x.error};
    if (root == 0.0) return {{0.0, ""}, undefinedFigure("nothing changed")};
    return {finiteFigure(root), finiteFigure(0.5 / root * *x.error.value)};
}

std::vector<AtQuantile> quantilesOf(std::vector<double> values,
                                    std::span<const double> probabilities) {
    std::sort(values.begin(), values.end());
    std::vector<AtQuantile> out;
    for (const double p : probabilities)
        out.push_back({p, finiteFigure(quantileOfSorted(values, p))});
    return out;
}

std::vector<AtQuantile> undefinedQuantiles(std::span<const double> probabilities,
                                           const Figure& none) {
    std::vector<AtQuantile> out;
    for (const double p : probabilities) out.push_back({p, none});
    return out;
}

DivergenceSummary undefinedSummary(const std::string& reason) {
    const Figure none = undefinedFigure(reason);
    DivergenceSummary out;
    for (Estimated* estimated : {&out.variantPerplexity, &out.referencePerplexity, &out.logRatio,
                                 &out.ratio, &out.difference, &out.kl, &out.probabilityChange,
                                 &out.rmsProbabilityChange, &out.sameTop}) {
        *estimated = {none, none};
    }
    out.logCorrelation = none;
    out.klQuantiles = undefinedQuantiles(kKlProbabilities, none);
    out.probabilityChangeQuantiles = undefinedQuantiles(kChangeProbabilities, none);
    return out;
}

// Element by element: what the models gave the tokens that came.
struct Columns {
    std::vector<double> referenceNll, variantNll, logRatio, kl, change, squaredChange, isTopSame;
};

Columns columnsOf(std::span<const TokenOutcome> outcomes) {
    Columns out;
    for (const TokenOutcome& outcome : outcomes) {
        const double change = std::exp(outcome.variantLog) - std::exp(outcome.referenceLog);
        out.referenceNll.push_back(-outcome.referenceLog);
        out.variantNll.push_back(-outcome.variantLog);
        out.logRatio.push_back(outcome.referenceLog - outcome.variantLog);
        out.kl.push_back(outcome.kl);
        out.change.push_back(change);
        out.squaredChange.push_back(change * change);
        out.isTopSame.push_back(outcome.isTopSame ? 1.0 : 0.0);
    }
    return out;
}

void addPerplexities(const Columns& columns, DivergenceSummary& out) {
    const Estimated variant = meanWithError(columns.variantNll);
    const Estimated reference = meanWithError(columns.referenceNll);
    out.variantPerplexity = exponential(variant);
    out.referencePerplexity = exponential(reference);
    out.logCorrelation = pearson(columns.variantNll, columns.referenceNll).coefficient;
    // The variance of a mean difference is both variances less twice the covariance.
    out.logRatio = meanWithError(columns.logRatio);
    out.ratio = exponential(out.logRatio);
    const double q = std::exp(meanOf(columns.variantNll));
    const double base = std::exp(meanOf(columns.referenceNll));
    const double variance =
        q * q * covarianceOfMeans(columns.variantNll, columns.variantNll) +
        base * base * covarianceOfMeans(columns.referenceNll, columns.referenceNll) -
        2.0 * q * base * covarianceOfMeans(columns.variantNll, columns.referenceNll);
    out.difference = {finiteFigure(q - base),
                      errorFigure(std::sqrt(std::max(0.0, variance)), out.tokens)};
}

}  // namespace

TokenOutcome tokenOutcome(std::span<const double> reference, std::span<const double> variant,
                          std::size_t token) {
    if (token >= reference.size())
        throw Error(ErrorKind::Internal, "token divergence: the token is not in the vocabulary");
    const Figure kl = klOfLogs(reference, variant);
    if (!kl.value) throw Error(ErrorKind::Numeric, "token divergence: KL divergence: " + kl.reason);
    return {reference[token], variant[token], *kl.value,
            topAnswer(reference) == topAnswer(variant)};
}

DivergenceSummary divergenceSummary(std::span<const TokenOutcome> outcomes) {
    if (outcomes.empty()) return undefinedSummary("no tokens");
    const Columns columns = columnsOf(outcomes);
    if (!allFinite(columns.logRatio) || !allFinite(columns.referenceNll) || !allFinite(columns.kl))
        return undefinedSummary("an outcome is not finite");
    DivergenceSummary out;
    out.tokens = outcomes.size();
    addPerplexities(columns, out);
    out.kl = meanWithError(columns.kl);
    out.klQuantiles = quantilesOf(columns.kl, kKlProbabilities);
    out.probabilityChange = meanWithError(columns.change);
    out.probabilityChangeQuantiles = quantilesOf(columns.change, kChangeProbabilities);
    out.rmsProbabilityChange = squareRoot(meanWithError(columns.squaredChange));
    out.sameTop = meanWithError(columns.isTopSame);
    return out;
}

}  // namespace driftlens
