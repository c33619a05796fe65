// Scores, attention and activations against closed forms, and structures that are not there.
#include "core/base/error.h"
#include "core/base/random.h"
#include "xai/metrics/activation_drift.h"
#include "xai/metrics/attention_drift.h"
#include "xai/metrics/score_distance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

TEST(MassMoved, SaysWhereFromAndWhereTo) {
    const std::vector<double> a = {2.0, -1.0, 1.0}, b = {-1.0, 1.0, 2.0};
    EXPECT_EQ(shareGained(a, b), (std::vector<double>{-0.25, 0.0, 0.25}));
    EXPECT_EQ(*scoreDistance(a, b).massMoved.value, 0.25);
    EXPECT_TRUE(shareGained(a, std::vector<double>{0.0, 0.0, 0.0}).empty());
}

TEST(MassMoved, IsWhatWasGainedAndWhatWasLost) {
    RandomStream random(2, "shares");
    std::vector<double> a, b;
    for (int i = 0; i < 50; ++i) {
        a.push_back(random.normal());
        b.push_back(random.normal());
    }
    double gained = 0.0, lost = 0.0;
    for (const double share : shareGained(a, b)) (share > 0 ? gained : lost) += share;
    EXPECT_NEAR(gained, *scoreDistance(a, b).massMoved.value, 1e-14);
    EXPECT_NEAR(-lost, gained, 1e-14);
    EXPECT_GT(gained, 0.1);
}

TEST(ScoreDistance, RefusesOtherLengths) {
    EXPECT_THROW(scoreDistance(std::vector{1.0}, std::vector{1.0, 2.0}), Error);
}

TEST(HeadDrift, SinkHidesWhatTheRestDoes) {
    // All of the rest moves from key 1 to key 2, under a sink that holds nine tenths.
    const std::vector<double> before = {0.9, 0.1, 0.0}, after = {0.9, 0.0, 0.1};
    const HeadDrift drift = headDrift({before, 1, 3}, MatrixView{after, 1, 3});
    EXPECT_NEAR(*drift.js.value, 0.1, 1e-15);  // JS of a part that moved fully is that part
    EXPECT_NEAR(*drift.jsWithoutSink.value, 1.0, 1e-15);
    EXPECT_NEAR(*drift.entropyChange.value, 0.0, 1e-15);
}

TEST(HeadDrift, LeavesOutQueriesThatOnlySeeTheSink) {
    const std::vector<double> before = {1.0, 0.0, 0.5, 0.5}, after = {1.0, 0.0, 1.0, 0.0};
    const HeadDrift drift = headDrift({before, 2, 2}, MatrixView{after, 2, 2});
    EXPECT_EQ(drift.rowsWithoutSink[0].reason, "there is no mass");
    EXPECT_FALSE(drift.jsWithoutSink.value);  // the second query lost all but the sink
    EXPECT_NEAR(*drift.rows[0].value, 0.0, 0.0);
    EXPECT_NEAR(*drift.entropyChange.value, -0.5, 1e-15);  // (0 - 0) and (0 - 1 bit)
}

TEST(AbsentStructures, HaveNoFigureAndSaySo) {
    const std::vector<double> values = {0.5, 0.5};
    const HeadDrift head = headDrift({values, 1, 2}, std::nullopt);
    const ActivationDrift site = activationDrift({values, 1, 2}, std::nullopt);
    for (const Figure& figure : {head.js, head.jsWithoutSink, head.entropyChange, site.cosine,
                                 site.relativeFrobenius, site.sqnrDecibel, site.linearCka}) {
        EXPECT_FALSE(figure.value);
        EXPECT_EQ(figure.reason, "absent");
    }
}

TEST(HeadDrift, RefusesOtherShapesAndASinkThatIsNoKey) {
    const std::vector<double> values = {0.5, 0.5};
    EXPECT_THROW(headDrift({values, 1, 2}, MatrixView{values, 2, 1}), Error);
    EXPECT_THROW(headDrift({values, 1, 2}, MatrixView{values, 1, 2}, 2), Error);
}

std::vector<double> randomMatrix(std::size_t rows, std::size_t columns, std::uint64_t seed) {
    RandomStream random(seed, "matrix");
    std::vector<double> out(rows * columns);
    for (double& v : out) v = random.normal();
    return out;
}

TEST(ActivationDrift, OfAScaledSiteIsItsScale) {
    const std::vector<double> x = randomMatrix(7, 3, 1);
    std::vector<double> y = x;
    for (double& v : y) v *= 1.1;
    const ActivationDrift drift = activationDrift({x, 7, 3}, MatrixView{y, 7, 3});
    EXPECT_NEAR(*drift.cosine.value, 1.0, 1e-14);
    EXPECT_NEAR(*drift.relativeFrobenius.value, 0.1, 1e-14);
    EXPECT_NEAR(*drift.sqnrDecibel.value, 20.0, 1e-12);
    EXPECT_NEAR(*drift.linearCka.value, 1.0, 1e-14);
}

// Wide sites take the way over positions, narrow ones over widths; one alignment either way.
TEST(LinearCka, IsTheSameByPositionsAndByWidths) {
    const auto byWidths = [](const std::vector<double>& x, const std::vector<double>& y,
                             std::size_t rows, std::size_t columns) {
        const auto cross = [&](std::vector<double> a, std::vector<double> b) {
            for (std::vector<double>* m : {&a, &b}) {
                for (std::size_t j = 0; j < columns; ++j) {
                    double mean = 0.0;
                    for (std::size_t i = 0; i < rows; ++i)
                        mean += (*m)[i * columns + j] / static_cast<double>(rows);
                    for (std::size_t i = 0; i < rows; ++i) (*m)[i * columns + j] -= mean;
                }
            }
            double energy = 0.0;
            for (std::size_t j = 0; j < columns; ++j) {
                for (std::size_t k = 0; k < columns; ++k) {
                    double sum = 0.0;
                    for (std::size_t i = 0; i < rows; ++i)
                        sum += a[i * columns + j] * b[i * columns + k];
                    energy += sum * sum;
                }
            }
            return energy;
        };
        return cross(x, y) / std::sqrt(cross(x, x) * cross(y, y));
    };
    for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{20, 4}, {4, 20}}) {
        const std::vector<double> x = randomMatrix(rows, columns, 1);
        const std::vector<double> y = randomMatrix(rows, columns, 2);
        EXPECT_NEAR(*linearCka({x, rows, columns}, {y, rows, columns}).value,
                    byWidths(x, y, rows, columns), 1e-13);
    }
}

TEST(LinearCka, IsUndefinedWhereNothingVaries) {
    const std::vector<double> x = randomMatrix(4, 2, 1), constant(8, 0.1);
    EXPECT_EQ(linearCka({x, 4, 2}, {constant, 4, 2}).reason, "all rows are equal");
    EXPECT_EQ(linearCka({x, 1, 8}, {x, 1, 8}).reason, "fewer than two positions");
    EXPECT_THROW(linearCka({x, 4, 2}, {x, 2, 4}), Error);
}

}  // namespace
}  // namespace driftlens
