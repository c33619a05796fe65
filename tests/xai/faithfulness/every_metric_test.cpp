// What every row of the metric table claims, and what one call for all of them costs.
#include "tests/xai/coalitions/games.h"
#include "xai/faithfulness/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <set>

namespace driftlens::faithfulness {
namespace {

using coalitions::Coalition;
using coalitions::Game;
using coalitions::randomGame;

// A probability whose logit is what a random game gives.
Game probabilityGame(std::size_t units, std::uint64_t seed) {
    Game game = randomGame(units, seed);
    const auto score = game.score;
    game.score = [=](std::span<const Coalition> all) {
        std::vector<double> out = score(all);
        for (double& value : out) value = 1.0 / (1.0 + std::exp(-4.0 * value));
        return out;
    };
    return game;
}

// Eight tokens of distinct weight, on top of 0.5: a probability.
const std::vector<double> kWeights = {0.02, 0.25, -0.03, 0.1, 0.01, -0.05, 0.04, -0.015};

Game additiveGame() {
    std::vector<coalitions::Term> terms = {{{}, 0.5}};
    for (std::size_t i = 0; i < kWeights.size(); ++i) terms.push_back({{i}, kWeights[i]});
    return coalitions::polynomialGame(kWeights.size(), terms);
}

// All that can be given, as a good and as a bad explanation would have it.
MetricOptions goodOptions() {
    MetricOptions options;
    options.rationale = coalitions::coalitionOf("11011010");  // the tokens of positive weight
    options.responses = PerturbationResponses{{1.0, -2.0, 0.5}, {1.0, -2.0, 0.6}};
    options.nearby = NearbyExplanations{{1.0, 2.0}, {{1.0, 2.1}}};
    return options;
}

MetricOptions badOptions() {
    MetricOptions options = goodOptions();
    options.responses->products = {2.0, 1.0, 0.3};
    options.nearby->nearby = {{-3.0, 0.0}};
    return options;
}

// Ranks the tokens the wrong way round and tells none from another by much.
std::vector<double> badScores() {
    std::vector<double> out;
    for (const double weight : kWeights) out.push_back(10.0 - weight);
    return out;
}

ExplanationMetrics metricsOfGame(Game game, std::span<const double> scores,
                                 const MetricOptions& options) {
    Evaluator evaluator(std::move(game));
    return metricsOf(evaluator, scores, options);
}

}  // namespace

std::ostream& operator<<(std::ostream& stream, const MetricRow& row) {
    return stream << row.id;
}

namespace {

class EveryMetric : public testing::TestWithParam<MetricRow> {
protected:
    Figure of(const ExplanationMetrics& metrics) const {
        return metrics.figures.*GetParam().figure;
    }
};
INSTANTIATE_TEST_SUITE_P(Table, EveryMetric,
                         testing::ValuesIn(metricTable().begin(), metricTable().end()),
                         [](const auto& row) { return std::string(row.param.id); });

TEST_P(EveryMetric, SaysWhatItIs) {
    const MetricRow& row = GetParam();
    EXPECT_EQ(row.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
              std::string_view::npos);
    for (const std::string_view text : {row.id, row.title, row.definition, row.paper}) {
        EXPECT_FALSE(text.empty());
    }
    EXPECT_NE(row.paper.find("arXiv "), std::string_view::npos);
    EXPECT_LT(row.range.low, row.range.high);
}

TEST_P(EveryMetric, LiesInItsRangeForProbabilities) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        RandomStream stream(seed, "scores");
        std::vector<double> scores;
        for (int i = 0; i < 7; ++i) scores.push_back(stream.normal());
        MetricOptions options = seed % 2 == 0 ? goodOptions() : badOptions();
        options.rationale = coalitions::drawCoalition(7, 1 + stream.below(6), stream);
        // That something is at stake makes the normalised forms defined.
        Game game = probabilityGame(7, seed);
        const std::vector<double> ends =
            game.score(std::vector{coalitions::emptyCoalition(7), coalitions::fullCoalition(7)});
        if (ends[0] > ends[1]) continue;
        const Figure figure = of(metricsOfGame(std::move(game), scores, options));
        ASSERT_TRUE(figure.value) << figure.reason;
        EXPECT_GE(*figure.value, GetParam().range.low) << seed;
        EXPECT_LE(*figure.value, GetParam().range.high) << seed;
    }
}

TEST_P(EveryMetric, PrefersTheTrueWeightsAsItsDirectionSays) {
    const Figure good = of(metricsOfGame(additiveGame(), kWeights, goodOptions()));
    const Figure bad = of(metricsOfGame(additiveGame(), badScores(), badOptions()));
    ASSERT_TRUE(good.value && bad.value) << good.reason << bad.reason;
    switch (GetParam().direction) {
        case Direction::HigherIsBetter:
            EXPECT_GT(*good.value, *bad.value);
            break;
        case Direction::LowerIsBetter:
            EXPECT_LT(*good.value, *bad.value);
            break;
        // Of the model and the draw, not of the explanation.
        case Direction::Neither:
            EXPECT_EQ(*good.value, *bad.value);
            break;
    }
}

TEST_P(EveryMetric, HasAValueOrAReasonForOneUnitAndForZeros) {
    for (const std::vector<double>& scores : {std::vector{0.3}, std::vector{0.0, 0.0, 0.0}}) {
        MetricOptions options;
        options.rationale = coalitions::fullCoalition(scores.size());
        const Figure figure = of(metricsOfGame(randomGame(scores.size(), 1), scores, options));
        EXPECT_NE(figure.value.has_value(), !figure.reason.empty()) << figure.reason;
    }
}

TEST(MetricTable, HasEveryIdAndEveryFigureOnce) {
    std::set<std::string_view> ids;
    const MetricFigures figures;
    std::set<const Figure*> fields;
    for (const MetricRow& row : metricTable()) {
        ids.insert(row.id);
        fields.insert(&(figures.*row.figure));
    }
    EXPECT_EQ(ids.size(), metricTable().size());
    EXPECT_EQ(fields.size(), metricTable().size());
}

TEST(MetricsOf, AreThoseOfTheSingleFunctions) {
    const Game game = probabilityGame(9, 4);
    const std::vector<double> scores = {0.2, -0.1, 0.5, 0.3, 0.0, 0.9, -0.8, 0.1, 0.4};
    MetricOptions options;
    options.seed = 7;
    options.bins = {0.3, 0.6};
    const ExplanationMetrics ours = metricsOfGame(game, scores, options);
    Evaluator evaluator(game);
    const Curves curves = curvesOf(evaluator, ranking(scores));
    EXPECT_EQ(ours.curves.deletion, curves.deletion);
    EXPECT_EQ(ours.curves.insertion, curves.insertion);
    EXPECT_EQ(ours.erasure.counts, (std::vector<std::size_t>{3, 6}));
    EXPECT_NEAR(*ours.figures.comprehensiveness.value,
                curves.full() - 0.5 * (curves.deletion[3] + curves.deletion[6]), 1e-15);
    EXPECT_NEAR(*ours.figures.sufficiency.value,
                curves.full() - 0.5 * (curves.insertion[3] + curves.insertion[6]), 1e-15);
    EXPECT_EQ(ours.figures.deletionAuc.value, areaUnder(curves.deletion));
    EXPECT_EQ(ours.figures.insertionAuc.value, areaUnder(curves.insertion));
    const AopcLimits limits = exactAopcLimits(evaluator);
    EXPECT_EQ(ours.figures.aopcLower.value, limits.lower);
    EXPECT_EQ(ours.figures.aopcUpper.value, limits.upper);
    const double aopc = aopcOf(curves.deletion);
    EXPECT_EQ(ours.figures.normalisedAopc.value, normalisedAopc(aopc, limits).value);
    const RandomOrders random = randomOrdersOf(evaluator, drawOrders(9, 10, 7));
    EXPECT_EQ(ours.figures.randomAopcError.value, random.standardError.value);
    EXPECT_EQ(ours.figures.aboveRandom.value, aopc - *random.meanAopc.value);
    EXPECT_EQ(ours.leaveOneOut, leaveOneOutDrops(evaluator));
    EXPECT_EQ(ours.figures.tauLeaveOneOut.value, tauLeaveOneOut(scores, ours.leaveOneOut).value);
}

TEST(MetricsOf, OfOneTargetAreThoseOfItsOwnGame) {
    const Game first = probabilityGame(6, 1);
    const Game second = probabilityGame(6, 2);
    const Game both = {6, 2, [=](std::span<const Coalition> all) {
                           const std::vector<double> a = first.score(all);
                           const std::vector<double> b = second.score(all);
                           std::vector<double> out;
                           for (std::size_t i = 0; i < a.size(); ++i) {
                               out.insert(out.end(), {a[i], b[i]});
                           }
                           return out;
                       }};
    const std::vector<double> scores = {0.1, 0.4, -0.2, 0.3, 0.0, 0.2};
    MetricOptions options;
    options.target = 1;
    const ExplanationMetrics ours = metricsOfGame(both, scores, options);
    const ExplanationMetrics expected = metricsOfGame(second, scores, {});
    for (const MetricRow& row : metricTable()) {
        EXPECT_EQ((ours.figures.*row.figure).value, (expected.figures.*row.figure).value) << row.id;
    }
}

TEST(MetricsOf, ScoreEachCoalitionOnce) {
    std::vector<Coalition> scored;
    Game game = probabilityGame(8, 3);
    const auto score = game.score;
    game.score = [&](std::span<const Coalition> all) {
        scored.insert(scored.end(), all.begin(), all.end());
        return score(all);
    };
    Evaluator evaluator(game, 64);
    const ExplanationMetrics first = metricsOf(evaluator, kWeights);
    EXPECT_EQ(first.limits->search, LimitSearch::Exact);
    EXPECT_EQ(first.newEvaluations, 256U);  // the limits need every coalition, and nothing more
    EXPECT_EQ(scored.size(), 256U);
    EXPECT_EQ(metricsOf(evaluator, badScores()).newEvaluations, 0U);
}

TEST(MetricsOf, LongTextsTakeABeamAndFullBatches) {
    constexpr std::size_t kUnits = 20;
    std::vector<std::size_t> batches;
    Game game = probabilityGame(kUnits, 3);
    const auto score = game.score;
    game.score = [&](std::span<const Coalition> all) {
        batches.push_back(all.size());
        return score(all);
    };
    RandomStream stream(1, "scores");
    std::vector<double> scores;
    for (std::size_t i = 0; i < kUnits; ++i) scores.push_back(stream.normal());
    Evaluator evaluator(game, 32);
    const ExplanationMetrics ours = metricsOf(evaluator, scores);
    EXPECT_EQ(ours.limits->search, LimitSearch::Beam);
    // Two ends, two chains, leave-one-out, ten random chains, two beams.
    EXPECT_LE(ours.newEvaluations, 2 + 13 * kUnits + kBeamWidth * kUnits * (kUnits - 1));
    // Chains and leave-one-out are more than six batches, none of which waits for another.
    EXPECT_TRUE(std::all_of(batches.begin(), batches.begin() + 6,
                            [](std::size_t size) { return size == 32; }));
    EXPECT_GE(*ours.figures.normalisedAopc.value, 0.0);
    EXPECT_LE(*ours.figures.normalisedAopc.value, 1.0);
}

TEST(MetricsOf, WidenTheLimitsOfABeamThatMissedTheExplanation) {
    std::size_t missed = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Evaluator evaluator(probabilityGame(8, seed));
        const AopcLimits exact = exactAopcLimits(evaluator);
        std::vector<double> scores(8);
        for (std::size_t k = 0; k < 8; ++k) scores[exact.bestOrder[k]] = -static_cast<double>(k);
        MetricOptions options;
        options.exactLimitUnits = 0;
        options.beamWidth = 1;
        const ExplanationMetrics ours = metricsOf(evaluator, scores, options);
        EXPECT_EQ(ours.figures.aopcUpper.value, exact.upper);
        EXPECT_EQ(ours.figures.normalisedAopc.value, 1.0);
        missed += ours.limits->upper < exact.upper ? 1 : 0;
    }
    EXPECT_GT(missed, 0U);
}

TEST(MetricsOf, SayWhatWasNotGiven) {
    MetricOptions options;
    options.randomOrders = 0;
    const MetricFigures ours = metricsOfGame(additiveGame(), kWeights, options).figures;
    EXPECT_EQ(ours.rationaleF1.reason, "no rationale was given");
    EXPECT_EQ(ours.averagePrecision.reason, "no rationale was given");
    EXPECT_EQ(ours.infidelity.reason, "no responses to perturbations were given");
    EXPECT_EQ(ours.maxSensitivity.reason, "no explanations of inputs nearby were given");
    EXPECT_EQ(ours.aboveRandom.reason, "no order was drawn");
    EXPECT_EQ(ours.normalisedAopc.value, 1.0);
}

}  // namespace
}  // namespace driftlens::faithfulness
