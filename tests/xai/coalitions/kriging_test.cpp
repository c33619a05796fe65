#include "xai/coalitions/kriging.h"

#include "tests/xai/coalitions/games.h"
#include "xai/coalitions/exact.h"
#include "xai/coalitions/leverage_shap.h"

#include <Eigen/Cholesky>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

namespace driftlens::coalitions {
namespace {

// The model written out: one column per set of odd size. Rows: one of each pair, then everyone.
struct WrittenOut {
    Eigen::MatrixXd trend;         // [rows, players]
    Eigen::MatrixXd interactions;  // [rows, sets of 3, 5, …]
    Eigen::VectorXd variances;     // [sets]
    Eigen::MatrixXd shares;        // [players, sets]: of a product in the players' values
};

double product(const Coalition& coalition, std::size_t set) {
    double out = 1.0;
    for (std::size_t i = 0; i < coalition.size(); ++i) {
        if (((set >> i) & 1U) != 0) out *= coalition.test(i) ? 1.0 : -1.0;
    }
    return out;
}

WrittenOut writtenOut(const std::vector<Coalition>& rows) {
    const std::size_t players = rows.front().size();
    std::vector<std::size_t> sets;
    double total = 0.0;
    for (std::size_t size = 3; size <= players; size += 2) {
        total += std::pow(0.3, (static_cast<double>(size) - 3.0) / 2.0);
    }
    for (std::size_t set = 0; set < coalitionCount(players); ++set) {
        if (std::popcount(set) >= 3 && std::popcount(set) % 2 == 1) sets.push_back(set);
    }
    const auto count = [](std::size_t n) { return static_cast<Eigen::Index>(n); };
    WrittenOut out{Eigen::MatrixXd(count(rows.size()), count(players)),
                   Eigen::MatrixXd(count(rows.size()), count(sets.size())),
                   Eigen::VectorXd(count(sets.size())),
                   Eigen::MatrixXd::Zero(count(players), count(sets.size()))};
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (std::size_t i = 0; i < players; ++i) {
            out.trend(count(row), count(i)) = product(rows[row], std::size_t{1} << i);
        }
        for (std::size_t s = 0; s < sets.size(); ++s) {
            out.interactions(count(row), count(s)) = product(rows[row], sets[s]);
        }
    }
    for (std::size_t s = 0; s < sets.size(); ++s) {
        const auto size = static_cast<std::size_t>(std::popcount(sets[s]));
        out.variances[count(s)] = std::pow(0.3, (static_cast<double>(size) - 3.0) / 2.0) / total /
                                  binomial(players, size);
        for (std::size_t i = 0; i < players; ++i) {
            if (((sets[s] >> i) & 1U) != 0) {
                out.shares(count(i), count(s)) = 2.0 / static_cast<double>(size);
            }
        }
    }
    return out;
}

// Generalised least squares and the conditional mean, step by step.
TEST(Kriging, IsTheModelWrittenOut) {
    const Game game = randomGame(8, 3);
    const CoalitionSample sample = drawLeverage(8, 80, 1);
    std::vector<Coalition> rows;
    for (const DrawnUnit& unit : sample.units) rows.push_back(sample.coalitions[unit.first]);
    rows.push_back(fullCoalition(8));
    const WrittenOut model = writtenOut(rows);
    Eigen::VectorXd y(model.trend.rows());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::vector<double> ends = game.score(std::vector{rows[i], complementOf(rows[i])});
        y[static_cast<Eigen::Index>(i)] = 0.5 * (ends[0] - ends[1]);
    }
    const Eigen::MatrixXd prior = model.variances.asDiagonal();
    const Eigen::MatrixXd covariance = model.interactions * prior * model.interactions.transpose();
    const Eigen::MatrixXd cross = model.interactions * prior * model.shares.transpose();
    const Eigen::LDLT<Eigen::MatrixXd> solver(covariance);
    const Eigen::MatrixXd information = model.trend.transpose() * solver.solve(model.trend);
    const Eigen::VectorXd trend =
        information.ldlt().solve(model.trend.transpose() * solver.solve(y));
    const Eigen::VectorXd residual = y - model.trend * trend;
    const Eigen::VectorXd values = 2.0 * trend + cross.transpose() * solver.solve(residual);
    const Eigen::MatrixXd open =
        2.0 * Eigen::MatrixXd::Identity(8, 8) - model.trend.transpose() * solver.solve(cross);
    const Eigen::MatrixXd left = model.shares * prior * model.shares.transpose() -
                                 cross.transpose() * solver.solve(cross) +
                                 open.transpose() * information.ldlt().solve(open);
    const auto freedom = static_cast<double>(y.size() - 8);
    const double variance = residual.dot(solver.solve(residual)) / freedom;

    Evaluator evaluator(game);
    Tally tally(evaluator);
    const PlayerValues ours = estimateFrom(tally, 8, sample, fitKriged)[0];
    for (Eigen::Index i = 0; i < 8; ++i) {
        const auto player = static_cast<std::size_t>(i);
        EXPECT_NEAR(ours.values[player], values[i], 1e-6);  // the nugget
        EXPECT_NEAR(ours.standardErrors[player] / intervalScale(freedom),
                    std::sqrt(left(i, i) * variance), 1e-6);
    }
}

// Even interactions cancel in pairs: games of single players and pairs are exact.
TEST(Kriging, PairsOfPlayersAreExactWithoutError) {
    const Game game =
        polynomialGame(9, {{{0}, 1.0}, {{4}, -2.0}, {{0, 1}, 0.7}, {{3, 8}, -0.4}, {{2, 5}, 3.0}});
    Evaluator evaluator(game);
    const PlayerValues ours = krigedShapley(evaluator, {40, 2, 0.0})[0];
    EXPECT_LE(largestDifference(ours.values, exactShapley(evaluator)[0].values), 1e-11);
    for (const double error : ours.standardErrors) EXPECT_LE(error, 1e-9);
}

TEST(Kriging, EveryCoalitionGivesTheExactValues) {
    const Game game = randomGame(9, 2);
    Evaluator evaluator(game);
    const PlayerValues ours = krigedShapley(evaluator, {512, 2, 0.0})[0];
    EXPECT_EQ(ours.values, exactShapley(evaluator)[0].values);
    EXPECT_TRUE(ours.standardErrors.empty());
}

TEST(Kriging, SamplesTooLargeAreFittedAsLeverageSamples) {
    const SamplingPlan plan = {2 * kMostKrigedPairs + 4, 1, 0.0};
    Evaluator evaluator(randomGame(14, 2));
    EXPECT_EQ(krigedShapley(evaluator, plan)[0].values, leverageShap(evaluator, plan)[0].values);
}

}  // namespace
}  // namespace driftlens::coalitions
