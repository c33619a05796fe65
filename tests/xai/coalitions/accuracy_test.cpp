// Sampled Shapley values against exact enumeration: what their intervals cover, and which estimator
// is nearest for the same number of evaluations.
#include "tests/xai/coalitions/estimators.h"
#include "xai/coalitions/exact.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace driftlens::coalitions {
namespace {

constexpr std::uint64_t kSeeds = 200;

std::vector<double> truthOf(const Game& game) {
    Evaluator evaluator(game);
    return exactShapley(evaluator)[0].values;
}

class EverySampledEstimator : public testing::TestWithParam<EstimatorRow> {};
INSTANTIATE_TEST_SUITE_P(Rows, EverySampledEstimator, testing::ValuesIn(sampledEstimators()),
                         [](const auto& row) { return row.param.name; });

struct Coverage {
    double mean = 0.0;   // over players
    double worst = 1.0;  // player
};

Coverage coverageOf(const EstimatorRow& row, const Game& game, std::size_t budget) {
    const std::vector<double> truth = truthOf(game);
    std::vector<double> covered(game.players, 0.0);
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        Evaluator evaluator(game);
        const PlayerValues ours = row.estimate(evaluator, {budget, seed, 0.0})[0];
        for (std::size_t i = 0; i < game.players; ++i) {
            const bool isCovered =
                std::abs(ours.values[i] - truth[i]) <= 1.96 * ours.standardErrors[i];
            covered[i] += isCovered ? 1.0 / static_cast<double>(kSeeds) : 0.0;
        }
    }
    Coverage out;
    for (const double share : covered) {
        out.mean += share / static_cast<double>(game.players);
        out.worst = std::min(out.worst, share);
    }
    return out;
}

TEST_P(EverySampledEstimator, IntervalsCoverTheExactValue) {
    // Three standard deviations of a binomial share of 200; the players of one seed are not
    // independent, so that their mean gets no narrower allowance.
    const double allowance = 3.0 * std::sqrt(0.95 * 0.05 / static_cast<double>(kSeeds));
    for (const std::size_t budget : {160, 320, 640}) {
        const Coverage coverage = coverageOf(GetParam(), randomGame(10, 3), budget);
        std::printf("             %-20s budget %4zu: mean %.3f, worst player %.3f\n",
                    GetParam().name.c_str(), budget, coverage.mean, coverage.worst);
        EXPECT_GE(coverage.mean, 0.95 - allowance);
    }
}

TEST(EqualBudget, KrigingIsNearest) {
    constexpr std::uint64_t kGames = 20;
    constexpr std::uint64_t kRuns = 5;
    std::map<std::string, std::map<std::size_t, double>> errors;
    const std::vector<std::size_t> budgets = {64, 128, 256, 512, 1024, 2048};
    for (std::uint64_t number = 0; number < kGames; ++number) {
        const Game game = randomGame(12, 100 + number);
        const std::vector<double> truth = truthOf(game);
        for (const EstimatorRow& row : sampledEstimators()) {
            for (const std::size_t budget : budgets) {
                for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
                    Evaluator evaluator(game);
                    const PlayerValues ours = row.estimate(evaluator, {budget, seed, 0.0})[0];
                    for (std::size_t i = 0; i < truth.size(); ++i) {
                        errors[row.name][budget] += std::abs(ours.values[i] - truth[i]) /
                                                    static_cast<double>(kGames * kRuns * 12);
                    }
                }
            }
        }
    }
    std::printf("             mean |error|, evaluations:");
    for (const std::size_t budget : budgets) std::printf(" %9zu", budget);
    for (const auto& [name, row] : errors) {
        std::printf("\n             %-26s", name.c_str());
        for (const auto& [budget, error] : row) std::printf(" %9.2g", error);
    }
    std::printf("\n");
    for (const std::size_t budget : budgets) {
        for (const auto& [name, row] : errors) {
            EXPECT_LE(errors["kriged_shapley"][budget], row.at(budget)) << name << ", " << budget;
        }
    }
}

}  // namespace
}  // namespace driftlens::coalitions
