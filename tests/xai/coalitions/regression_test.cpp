#include "xai/coalitions/regression.h"

#include "core/base/error.h"
#include "tests/xai/coalitions/games.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace driftlens::coalitions {
namespace {

// Drawn features that are correlated, a noisy response, uneven weights.
Regression randomData(Eigen::Index rows, Eigen::Index features, std::uint64_t seed) {
    RandomStream stream(seed, "regression");
    Regression out{Eigen::MatrixXd(rows, features), Eigen::VectorXd(rows), Eigen::VectorXd(rows)};
    for (Eigen::Index i = 0; i < rows; ++i) {
        const double common = stream.normal();
        for (Eigen::Index j = 0; j < features; ++j) out.x(i, j) = 0.6 * common + stream.normal();
        out.y[i] = 2.0 + out.x(i, 0) - 0.5 * out.x(i, 1) + 0.3 * stream.normal();
        out.weights[i] = 0.1 + stream.uniform();
    }
    return out;
}

Eigen::VectorXd residuals(const Regression& data, const LinearFit& fit) {
    return (data.y - data.x * fit.coefficients).array() - fit.intercept;
}

TEST(Ridge, GradientVanishes) {
    for (const double alpha : {0.0, 0.01, 1.0, 100.0}) {
        const Regression data = randomData(40, 6, 1);
        const LinearFit fit = ridge(data, alpha);
        const Eigen::VectorXd weighted = data.weights.cwiseProduct(residuals(data, fit));
        EXPECT_NEAR(weighted.sum(), 0.0, 1e-11);
        EXPECT_LE((data.x.transpose() * weighted - alpha * fit.coefficients).norm(), 1e-10);
    }
}

TEST(Ridge, WholeWeightsAreRepetitions) {
    Regression data = randomData(10, 3, 2);
    data.weights = Eigen::VectorXd::Ones(10);
    data.weights[4] = 3.0;
    Regression repeated = randomData(12, 3, 3);
    repeated.weights.setOnes();
    repeated.x.topRows(10) = data.x;
    repeated.y.head(10) = data.y;
    for (const Eigen::Index copy : {10, 11}) {
        repeated.x.row(copy) = data.x.row(4);
        repeated.y[copy] = data.y[4];
    }
    EXPECT_LE((ridge(data, 0.5).coefficients - ridge(repeated, 0.5).coefficients).norm(), 1e-13);
}

// Of the many least-squares fits of two equal features, the one that shares evenly.
TEST(Ridge, WithoutPenaltyTheSmallestSolution) {
    Regression data = randomData(30, 3, 4);
    data.x.col(2) = data.x.col(1);
    const LinearFit fit = ridge(data, 0.0);
    EXPECT_NEAR(fit.coefficients[1], fit.coefficients[2], 1e-12);
}

class EveryPenalty : public testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(Penalties, EveryPenalty, testing::Values(1e-6, 1e-3, 0.01, 0.1, 0.4));

// Karush, Kuhn and Tucker: what is chosen correlates by exactly alpha, nothing by more.
TEST_P(EveryPenalty, LassoIsOptimal) {
    const Regression data = randomData(60, 9, 5);
    const LinearFit fit = lasso(data, GetParam());
    const Eigen::VectorXd weighted = data.weights.cwiseProduct(residuals(data, fit));
    EXPECT_NEAR(weighted.sum(), 0.0, 1e-11);
    const Eigen::VectorXd correlation = data.x.transpose() * weighted / data.weights.sum();
    for (Eigen::Index j = 0; j < 9; ++j) {
        const double b = fit.coefficients[j];
        if (b == 0.0) {
            EXPECT_LE(std::abs(correlation[j]), GetParam() + 1e-11);
        } else {
            EXPECT_NEAR(correlation[j], std::copysign(GetParam(), b), 1e-11);
        }
    }
}

// The features of a corner are those of the Lasso just below its penalty or just above.
TEST_P(EveryPenalty, LassoPathPassesEveryLasso) {
    const Regression data = randomData(60, 9, 5);
    const LinearFit fit = lasso(data, GetParam());
    std::vector<std::size_t> chosen;
    for (std::size_t j = 0; j < 9; ++j) {
        if (fit.coefficients[static_cast<Eigen::Index>(j)] != 0.0) chosen.push_back(j);
    }
    EXPECT_EQ(lassoPathFeatures(data, chosen.size()), chosen);
}

TEST(Lasso, NothingIsChosenAboveTheLargestCorrelation) {
    const Regression data = randomData(60, 9, 5);
    const LinearFit fit = lasso(data, 100.0);
    EXPECT_EQ(fit.coefficients, Eigen::VectorXd::Zero(9));
    EXPECT_NEAR(fit.intercept, data.weights.dot(data.y) / data.weights.sum(), 1e-14);
}

TEST(Lasso, WithoutPenaltyLeastSquares) {
    const Regression data = randomData(60, 9, 5);
    EXPECT_LE((lasso(data, 0.0).coefficients - ridge(data, 0.0).coefficients).norm(), 1e-11);
}

TEST(Lasso, ConstantFeaturesAreNotChosen) {
    Regression data = randomData(60, 4, 6);
    data.x.col(2).setConstant(1.0);
    EXPECT_EQ(lasso(data, 0.01).coefficients[2], 0.0);
    data.y.setConstant(3.0);
    EXPECT_EQ(lasso(data, 0.01).coefficients, Eigen::VectorXd::Zero(4));
}

TEST(LassoPath, GrowsWithTheNumberOfFeatures) {
    const Regression data = randomData(80, 8, 7);
    EXPECT_TRUE(lassoPathFeatures(data, 0).empty());
    for (std::size_t most = 1; most <= 8; ++most) {
        EXPECT_EQ(lassoPathFeatures(data, most).size(), most);
    }
    EXPECT_EQ(lassoPathFeatures(data, 1), std::vector<std::size_t>{0});
}

TEST(Determination, IsTheShareOfVarianceExplained) {
    Regression data = randomData(50, 3, 8);
    EXPECT_NEAR(determination(data, {Eigen::VectorXd::Zero(3),
                                     data.weights.dot(data.y) / data.weights.sum()}),
                0.0, 1e-14);
    EXPECT_GT(determination(data, ridge(data, 0.0)), 0.9);
    data.y.setConstant(2.0);
    EXPECT_EQ(determination(data, {Eigen::VectorXd::Zero(3), 2.0}), 1.0);
    EXPECT_EQ(determination(data, {Eigen::VectorXd::Zero(3), 1.0}), 0.0);
}

// Against the spread of the fits of 400 samples.
TEST(RidgeErrors, MeasureTheSpreadOfSamples) {
    constexpr int kSamples = 400;
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(3);
    Eigen::ArrayXd squares = sum;
    Eigen::ArrayXd stated = sum;
    for (int sample = 0; sample < kSamples; ++sample) {
        const Regression data = randomData(200, 3, 100 + static_cast<std::uint64_t>(sample));
        const LinearFit fit = ridge(data, 2.0);
        sum += fit.coefficients.array();
        squares += fit.coefficients.array().square();
        stated += ridgeErrors(data, fit, 2.0).array().square();
    }
    const Eigen::ArrayXd spread = squares / kSamples - (sum / kSamples).square();
    for (Eigen::Index j = 0; j < 3; ++j) {
        EXPECT_NEAR(std::sqrt(stated[j] / kSamples / spread[j]), 1.0, 0.12) << j;
    }
}

}  // namespace
}  // namespace driftlens::coalitions
