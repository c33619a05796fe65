// The summary of llama-perplexity --kl-divergence against its own sums, written out as it has them.
#include "engine/drift/token_divergence.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

namespace driftlens {
namespace {

std::vector<TokenOutcome> someOutcomes(std::size_t count) {
    RandomStream random(5, "tokens");
    std::vector<TokenOutcome> out;
    for (std::size_t i = 0; i < count; ++i) {
        const double reference = -3.0 * random.uniform();
        out.push_back({reference, std::min(0.0, reference + 0.2 * random.normal()),
                       0.05 * random.uniform(), random.uniform() < 0.9});
    }
    return out;
}

// mean_and_uncertainty and covariance of the program, from plain sums.
struct Sums {
    double sum = 0.0, squares = 0.0;
    void add(double v) {
        sum += v;
        squares += v * v;
    }
    double mean(double n) const { return sum / n; }
    double error(double n) const {
        return std::sqrt((squares / n - mean(n) * mean(n)) / (n - 1.0));
    }
};

void expectEstimate(const Estimated& ours, double value, double error) {
    EXPECT_NEAR(ours.value.value.value(), value, 1e-12);
    EXPECT_NEAR(ours.error.value.value(), error, 1e-11);
}

TEST(DivergenceSummary, HasTheSameDefinitions) {
    const std::vector<TokenOutcome> outcomes = someOutcomes(500);
    const auto n = static_cast<double>(outcomes.size());
    Sums q, base, kl, change, squared;
    double products = 0.0, same = 0.0;
    for (const TokenOutcome& outcome : outcomes) {
        const double delta = std::exp(outcome.variantLog) - std::exp(outcome.referenceLog);
        q.add(-outcome.variantLog);
        base.add(-outcome.referenceLog);
        products += outcome.variantLog * outcome.referenceLog;
        kl.add(outcome.kl);
        change.add(delta);
        squared.add(delta * delta);
        same += outcome.isTopSame ? 1.0 : 0.0;
    }
    const double covariance = (products / n - q.mean(n) * base.mean(n)) / (n - 1.0);
    const double pplQ = std::exp(q.mean(n)), pplBase = std::exp(base.mean(n));
    const double errorQ = q.error(n), errorBase = base.error(n);
    const double ratioError = std::sqrt(errorQ * errorQ + errorBase * errorBase - 2.0 * covariance);
    const DivergenceSummary summary = divergenceSummary(outcomes);
    expectEstimate(summary.variantPerplexity, pplQ, pplQ * errorQ);
    expectEstimate(summary.referencePerplexity, pplBase, pplBase * errorBase);
    EXPECT_NEAR(*summary.logCorrelation.value, covariance / (errorQ * errorBase), 1e-11);
    expectEstimate(summary.logRatio, q.mean(n) - base.mean(n), ratioError);
    expectEstimate(summary.ratio, pplQ / pplBase, pplQ / pplBase * ratioError);
    expectEstimate(
        summary.difference, pplQ - pplBase,
        std::sqrt(pplQ * pplQ * errorQ * errorQ + pplBase * pplBase * errorBase * errorBase -
                  2.0 * pplQ * pplBase * covariance));
    expectEstimate(summary.kl, kl.mean(n), kl.error(n));
    expectEstimate(summary.probabilityChange, change.mean(n), change.error(n));
    const double rms = std::sqrt(squared.mean(n));
    expectEstimate(summary.rmsProbabilityChange, rms, 0.5 / rms * squared.error(n));
    const double top = same / n;
    expectEstimate(summary.sameTop, top, std::sqrt(top * (1.0 - top) / (n - 1.0)));
}

TEST(DivergenceSummary, QuantilesRunFromTheMaximumToTheMinimum) {
    std::vector<TokenOutcome> outcomes;
    for (int i = 0; i <= 1000; ++i) outcomes.push_back({-1.0, -1.0, i / 1000.0, true});
    const DivergenceSummary summary = divergenceSummary(outcomes);
    EXPECT_EQ(summary.klQuantiles.size(), 11U);
    EXPECT_EQ(summary.probabilityChangeQuantiles.size(), 13U);
    for (const AtQuantile& at : summary.klQuantiles)
        EXPECT_NEAR(*at.value.value, at.probability, 1e-12);
    EXPECT_EQ(summary.klQuantiles.front().probability, 1.0);
    EXPECT_EQ(summary.klQuantiles.back().probability, 0.0);
}

TEST(DivergenceSummary, OfAModelAndItselfIsNoDivergence) {
    std::vector<TokenOutcome> outcomes = someOutcomes(50);
    for (TokenOutcome& outcome : outcomes) {
        outcome.variantLog = outcome.referenceLog;
        outcome.kl = 0.0;
        outcome.isTopSame = true;
    }
    const DivergenceSummary summary = divergenceSummary(outcomes);
    EXPECT_EQ(*summary.ratio.value.value, 1.0);
    EXPECT_EQ(*summary.ratio.error.value, 0.0);
    EXPECT_EQ(*summary.rmsProbabilityChange.value.value, 0.0);
    EXPECT_EQ(summary.rmsProbabilityChange.error.reason, "nothing changed");
    EXPECT_NEAR(*summary.logCorrelation.value, 1.0, 1e-14);
}

TEST(DivergenceSummary, SaysWhatItCannotKnow) {
    EXPECT_EQ(divergenceSummary({}).kl.value.reason, "no tokens");
    EXPECT_EQ(divergenceSummary({}).klQuantiles.front().value.reason, "no tokens");
    const std::vector<TokenOutcome> one = {{-1.0, -2.0, 0.1, true}};
    EXPECT_NEAR(*divergenceSummary(one).ratio.value.value, std::exp(1.0), 1e-14);
    EXPECT_EQ(divergenceSummary(one).ratio.error.reason, "fewer than two tokens");
    const std::vector<TokenOutcome> never = {
        {-1.0, -std::numeric_limits<double>::infinity(), 0.1, true}, {-1.0, -1.0, 0.0, true}};
    EXPECT_EQ(divergenceSummary(never).ratio.value.reason, "an outcome is not finite");
    const std::vector<TokenOutcome> huge = {{-1e308, -1e308, 0.0, true}, {-1e308, -1.0, 0.0, true}};
    EXPECT_FALSE(divergenceSummary(huge).referencePerplexity.value.value);
}

TEST(TokenOutcome, TakesTheTokenThatComes) {
    const std::vector<double> p = {std::log(0.75), std::log(0.25)};
    const std::vector<double> q = {std::log(0.25), std::log(0.75)};
    const TokenOutcome outcome = tokenOutcome(p, q, 1);
    EXPECT_EQ(outcome.referenceLog, p[1]);
    EXPECT_EQ(outcome.variantLog, q[1]);
    EXPECT_FALSE(outcome.isTopSame);
    EXPECT_NEAR(outcome.kl, 0.5 * std::log(3.0), 1e-15);
    EXPECT_THROW(tokenOutcome(p, q, 2), Error);
    EXPECT_THROW(tokenOutcome(p, std::vector{std::nan(""), 0.0}, 0), Error);
}

}  // namespace
}  // namespace driftlens
