// Sampled Shapley values against exact enumeration: what their intervals cover, and which estimator
// is nearest for the same number of evaluations.
#include "tests/support/fixtures.h"
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
    for (const std::size_t budget : {60, 160, 320, 640}) {
        if (budget < GetParam().fewest) continue;
        const Coverage coverage = coverageOf(GetParam(), randomGame(10, 3), budget);
        std::printf("             %-20s budget %4zu: mean %.3f, worst player %.3f\n",
                    GetParam().name.c_str(), budget, coverage.mean, coverage.worst);
        EXPECT_NEAR(coverage.mean, 0.95, allowance);
    }
}

std::vector<Game> storedGames(const std::filesystem::path& json) {
    const Goldens goldens(json);
    std::vector<Game> out;
    for (const Json& c : goldens.cases()) {
        if (!c.at("id").get<std::string>().ends_with("/exact")) continue;
        out.push_back(tableGame(c.at("M").get<std::size_t>(),
                                goldens.arrayOf(c.at("values").at("value_function"))));
    }
    return out;
}

// Language models' games are further from normal than drawn ones.
TEST_P(EverySampledEstimator, IntervalsCoverOnStoredModels) {
    REQUIRE_SHARED(json, "data/xai-goldens/methods/shapley.json");
    const std::vector<Game> games = storedGames(json);
    ASSERT_EQ(games.size(), 10U);
    double mean = 0.0;
    double worst = 1.0;
    for (const Game& game : games) {
        const double ofGame = coverageOf(GetParam(), game, 66).mean;
        mean += ofGame / static_cast<double>(games.size());
        worst = std::min(worst, ofGame);
    }
    std::printf("             %-20s budget 66: mean %.3f, worst game %.3f\n",
                GetParam().name.c_str(), mean, worst);
    if (GetParam().fewest <= 66) {
        EXPECT_GE(mean, 0.92);
    }
}

// Mean |error| of each row by budget, over games and seeds.
using Errors = std::map<std::string, std::map<std::size_t, double>>;

void addErrors(Errors& errors, const Game& game, std::span<const std::size_t> budgets,
               std::uint64_t seeds, double share) {
    const std::vector<double> truth = truthOf(game);
    for (const EstimatorRow& row : sampledEstimators()) {
        for (const std::size_t budget : budgets) {
            for (std::uint64_t seed = 0; seed < seeds; ++seed) {
                Evaluator evaluator(game);
                const PlayerValues ours = row.estimate(evaluator, {budget, seed, 0.0})[0];
                double sum = 0.0;
                for (std::size_t i = 0; i < truth.size(); ++i) {
                    sum += std::abs(ours.values[i] - truth[i]);
                }
                errors[row.name][budget] += share * sum / static_cast<double>(truth.size() * seeds);
            }
        }
    }
}

void print(const Errors& errors, const std::string& title) {
    std::printf("             %s\n             mean |error|, evaluations:", title.c_str());
    for (const auto& [budget, error] : errors.begin()->second) std::printf(" %9zu", budget);
    for (const auto& [name, row] : errors) {
        std::printf("\n             %-26s", name.c_str());
        for (const auto& [budget, error] : row) std::printf(" %9.2g", error);
    }
    std::printf("\n");
}

TEST(EqualBudget, KrigingIsNearest) {
    constexpr std::uint64_t kGames = 20;
    const std::vector<std::size_t> budgets = {64, 128, 256, 512, 1024, 2048};
    Errors errors;
    for (std::uint64_t number = 0; number < kGames; ++number) {
        addErrors(errors, randomGame(12, 100 + number), budgets, 2,
                  1.0 / static_cast<double>(kGames));
    }
    print(errors, "random games of 12 players");
    for (const auto& [name, row] : errors) {
        for (const auto& [budget, error] : row) {
            EXPECT_LE(errors["kriged_shapley"][budget], error) << name << ", " << budget;
        }
    }
    // Half of KernelSHAP's evaluations do as well, but for one in ten by chance.
    for (const std::size_t budget : {128, 256, 512, 1024}) {
        EXPECT_LE(errors["kriged_shapley"][budget], 1.1 * errors["kernel_shap"][2 * budget]);
    }
}

// The errors of each game as shares of KernelSHAP's with the fewest evaluations.
TEST(EqualBudget, KrigingIsNearestOnStoredModels) {
    REQUIRE_SHARED(json, "data/xai-goldens/methods/shapley.json");
    const std::vector<std::size_t> budgets = {36, 66, 100};
    Errors errors;
    for (const Game& game : storedGames(json)) {
        Errors ofGame;
        addErrors(ofGame, game, budgets, 20, 1.0);
        const double unit = ofGame["kernel_shap"][budgets.front()];
        for (const auto& [name, row] : ofGame) {
            for (const auto& [budget, error] : row) errors[name][budget] += 0.1 * error / unit;
        }
    }
    print(errors, "5 stored models, 7 and 8 tokens replaced or deleted; relative");
    EXPECT_NEAR(errors["kernel_shap"][budgets.front()], 1.0, 1e-12);  // ten games were met
    for (const auto& [name, row] : errors) {
        for (const auto& [budget, error] : row) {
            EXPECT_LE(errors["kriged_shapley"][budget], error) << name << ", " << budget;
        }
    }
}

}  // namespace
}  // namespace driftlens::coalitions
