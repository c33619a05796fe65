// What measuring is said to cost, held to what it costs.
#include "ui/models/metrics_cost.h"

#include "tests/ui/measured_passes.h"
#include "xai/faithfulness/metrics.h"

#include <gtest/gtest.h>

#include <vector>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

TEST(MetricsCost, IsThatOfMeasuringAShortTextToThePass) {
    const MeasuredPasses counted = measuredPasses(8, {});
    EXPECT_EQ(counted.units, 8);
    EXPECT_EQ(counted.passes, metricsPasses({}, counted.units, false));
}

// Without the limits, which end early where two orders meet, little is left to chance: a draw that
// was there already. With them it is a bound.
TEST(MetricsCost, IsHardlyMoreThanThatOfMeasuringALongText) {
    MetricPlan plan;
    plan.withLimits = false;
    const MeasuredPasses counted = measuredPasses(24, plan);
    EXPECT_EQ(counted.units, 24);
    EXPECT_LE(counted.passes, metricsPasses(plan, counted.units, false));
    EXPECT_GE(counted.passes, metricsPasses(plan, counted.units, false) - 10);
    const MeasuredPasses all = measuredPasses(24, {});
    EXPECT_LE(all.passes, metricsPasses({}, all.units, false));
    EXPECT_GT(all.passes, counted.passes + 100);
}

// A game without a model, as long as no sample takes a text.
std::int64_t evaluated(std::size_t units) {
    coalitions::Game game;
    game.players = units;
    game.score = [](std::span<const coalitions::Coalition> all) {
        std::vector<double> out;
        for (const coalitions::Coalition& kept : all) {
            double value = 0.0;
            for (std::size_t i = 0; i < kept.size(); ++i)
                if (kept[i]) value += static_cast<double>((i * 37) % 101);
            out.push_back(value / 1e5);
        }
        return out;
    };
    std::vector<double> scores;
    for (std::size_t i = 0; i < units; ++i) scores.push_back(static_cast<double>((i * 53) % 97));
    coalitions::Evaluator evaluator(game, 64);
    return static_cast<std::int64_t>(faithfulness::metricsOf(evaluator, scores).newEvaluations);
}

TEST(MetricsCost, KnowsFromWhereOnThereAreNoLimits) {
    constexpr std::int64_t kDraws = 64;  // of infidelity, which is no game's
    for (const std::int64_t units : {11, 41, 91, 92, 120}) {
        const std::int64_t found = evaluated(static_cast<std::size_t>(units)) + kDraws;
        const std::int64_t said = metricsPasses({}, units, false);
        EXPECT_LE(found, said) << units;
        if (units > 91) {
            EXPECT_GE(found, said - 10) << units;
        }
    }
    EXPECT_GT(metricsPasses({}, 91, false), metricsPasses({}, 92, false) + 8000);
}

TEST(MetricsCost, SaysBeforeAnythingWasComputedWhatOneModelTakes) {
    Session session;
    session.models = {SessionModel{u"a"_s, {}}};
    session.metrics = u"removal"_s;
    EXPECT_EQ(metricsCost(session, nullptr),
              u"A run takes up to 1024 passes more per method for 10 tokens, %1 for 40."_s.arg(
                  metricsPasses({}, 40, false)));
    session.metrics = u"all"_s;
    EXPECT_TRUE(metricsCost(session, nullptr).contains(u"up to 16 times more per method"_s))
        << metricsCost(session, nullptr).toStdString();
    session.models.push_back(SessionModel{u"b"_s, {}});
    EXPECT_EQ(
        metricsCost(session, nullptr),
        u"A run takes two passes more per token, method and model, and explains the reference "
        "up to 6 times more per method, with weights drawn anew."_s);
    session.metrics.clear();
    EXPECT_EQ(metricsCost(session, nullptr), QString());
}

}  // namespace
}  // namespace driftlens
