#include "xai/coalitions/kriging.h"

#include "xai/coalitions/exact.h"
#include "xai/coalitions/leverage_shap.h"
#include "xai/coalitions/regression.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <utility>

namespace driftlens::coalitions {
namespace {

constexpr double kDecay = 0.3;            // of the variance from one odd size to the next
constexpr double kLeastVariance = 1e-16;  // of a size; what follows is left out
constexpr double kNugget = 1e-9;          // rounding of the scores, as a share of the variance

double asDouble(std::size_t n) {
    return static_cast<double>(n);
}

// The prior variance of all sets of a size together, [sizes]: 0 for even sizes and for 1; Σ = 1.
std::vector<double> priorVariances(std::size_t players) {
    std::vector<double> out(std::min<std::size_t>(players, 3) + 1, 0.0);
    double variance = 1.0;
    for (std::size_t size = 3; size <= players && variance > kLeastVariance; size += 2) {
        out.resize(size + 1, 0.0);
        out[size] = variance;
        variance *= kDecay;
    }
    double total = 0.0;
    for (const double each : out) total += each;
    for (double& each : out) each /= total;
    return out;
}

// Σ over sizes of weights[size] · the mean over all sets of that size of the product of ±1 over the
// set, for a vector with `negatives` of −1: Krawtchouk's polynomials over their value at 0, by
// their three-term recurrence. weights.size() ≤ players + 1.
double meanProducts(std::size_t players, std::span<const double> weights, std::size_t negatives) {
    const double slope = asDouble(players) - 2.0 * asDouble(negatives);
    double before = 0.0;
    double here = 1.0;
    double sum = 0.0;
    for (std::size_t size = 0; size < weights.size(); ++size) {
        sum += weights[size] * here;
        if (size == players) break;
        const double next = (slope * here - asDouble(size) * before) / asDouble(players - size);
        before = here;
        here = next;
    }
    return sum;
}

std::vector<double> meanProductsTable(std::size_t players, std::span<const double> weights) {
    std::vector<double> out;
    for (std::size_t negatives = 0; negatives <= players; ++negatives) {
        out.push_back(meanProducts(players, weights, negatives));
    }
    return out;
}

// One of each pair as ±1, and the full coalition behind them: [pairs + 1, players].
Eigen::MatrixXd signsOf(const CoalitionSample& sample) {
    std::vector<Coalition> firsts;
    for (const DrawnUnit& unit : sample.units) firsts.push_back(sample.coalitions[unit.first]);
    firsts.push_back(fullCoalition(firsts.front().size()));
    return 2.0 * membership(firsts).array() - 1.0;
}

// Covariances of the interactions at all rows, [rows, rows].
Eigen::MatrixXd covarianceOf(const Eigen::MatrixXd& signs, std::span<const double> variances) {
    const auto players = static_cast<std::size_t>(signs.cols());
    const std::vector<double> ofDistance = meanProductsTable(players, variances);
    Eigen::MatrixXd out = signs * signs.transpose();
    out = out.unaryExpr([&](double product) {
        return ofDistance[static_cast<std::size_t>((asDouble(players) - product) / 2.0 + 0.5)];
    });
    out.diagonal().array() += kNugget;
    return out;
}

// Covariances of the interactions' part of each player's value with the rows, [rows, players]. A
// set of size s gives 2 / s of its product to each member, and a player is in s / players of them.
Eigen::MatrixXd crossCovarianceOf(const Eigen::MatrixXd& signs, std::span<const double> variances) {
    const auto players = static_cast<std::size_t>(signs.cols());
    std::vector<double> ofOthers;  // by the number of other members
    for (std::size_t size = 1; size < variances.size(); ++size) {
        ofOthers.push_back(2.0 * variances[size] / asDouble(players));
    }
    const std::vector<double> ofNegatives = meanProductsTable(players - 1, ofOthers);
    Eigen::MatrixXd out = signs;
    for (Eigen::Index row = 0; row < out.rows(); ++row) {
        const auto negatives = (signs.row(row).array() < 0.0).count();
        for (Eigen::Index player = 0; player < out.cols(); ++player) {
            const Eigen::Index others = negatives - (signs(row, player) < 0.0 ? 1 : 0);
            out(row, player) *= ofNegatives[static_cast<std::size_t>(others)];
        }
    }
    return out;
}

// The prior variance of the interactions' part of a player's value.
double valueVariance(std::size_t players, std::span<const double> variances) {
    double out = 0.0;
    for (std::size_t size = 3; size < variances.size(); ++size) {
        out += 4.0 * variances[size] / (asDouble(size) * asDouble(players));
    }
    return out;
}

// Everything that does not depend on the scores, in coordinates in which the rows are independent.
class Kriging {
public:
    explicit Kriging(const CoalitionSample& sample) {
        const Eigen::MatrixXd signs = signsOf(sample);
        const auto players = static_cast<std::size_t>(signs.cols());
        const std::vector<double> variances = priorVariances(players);
        m_root.compute(covarianceOf(signs, variances));
        m_trend = m_root.matrixL().solve(signs);
        m_factors.compute(m_trend);
        m_cross = m_root.matrixL().solve(crossCovarianceOf(signs, variances));
        setDeviations(valueVariance(players, variances));
    }

    // y: half the differences of the pairs, and of the ends behind them, [rows].
    void fit(const Eigen::VectorXd& y, PlayerValues& result) const {
        const Eigen::VectorXd white = m_root.matrixL().solve(y);
        const Eigen::VectorXd trend = m_factors.solve(white);
        const Eigen::VectorXd residual = white - m_trend * trend;
        Eigen::VectorXd values = 2.0 * trend + m_cross.transpose() * residual;
        values.array() +=
            (result.full - result.empty - values.sum()) / static_cast<double>(values.size());
        result.values.assign(values.begin(), values.end());
        const auto freedom = asDouble(static_cast<std::size_t>(y.size() - values.size()));
        const double scale = intervalScale(freedom) * std::sqrt(residual.squaredNorm() / freedom);
        const Eigen::VectorXd errors = scale * m_deviations;
        result.standardErrors.assign(errors.begin(), errors.end());
    }

private:
    // Of each value for interactions of unit variance: what the rows leave open of them, and of the
    // trends because of them.
    void setDeviations(double priorVariance) {
        const Eigen::Index players = m_trend.cols();
        const Eigen::MatrixXd open =
            2.0 * Eigen::MatrixXd::Identity(players, players) - m_trend.transpose() * m_cross;
        const Eigen::MatrixXd triangle = m_factors.matrixQR().topRows(players);
        const Eigen::MatrixXd ofTrends =
            triangle.triangularView<Eigen::Upper>().transpose().solve(open);
        m_deviations = (priorVariance - m_cross.colwise().squaredNorm().array() +
                        ofTrends.colwise().squaredNorm().array())
                           .max(0.0)
                           .sqrt()
                           .transpose();
    }

    Eigen::LLT<Eigen::MatrixXd> m_root;
    Eigen::MatrixXd m_trend;  // [rows, players]
    Eigen::HouseholderQR<Eigen::MatrixXd> m_factors;
    Eigen::MatrixXd m_cross;       // [rows, players]
    Eigen::VectorXd m_deviations;  // [players]
};

}  // namespace

std::vector<PlayerValues> fitKriged(const CoalitionSample& sample, const ScoreTable& outputs,
                                    std::vector<PlayerValues> ends) {
    const Kriging kriging(sample);
    const auto pairs = static_cast<Eigen::Index>(sample.units.size());
    for (std::size_t target = 0; target < ends.size(); ++target) {
        Eigen::VectorXd y(pairs + 1);
        for (Eigen::Index i = 0; i < pairs; ++i) {
            const std::size_t first = sample.units[static_cast<std::size_t>(i)].first;
            y[i] = 0.5 * (outputs(first, target) - outputs(first + 1, target));
        }
        y[pairs] = 0.5 * (ends[target].full - ends[target].empty);
        kriging.fit(y, ends[target]);
    }
    return ends;
}

std::vector<PlayerValues> krigedShapley(Evaluator& evaluator, const SamplingPlan& plan) {
    const std::size_t players = evaluator.players();
    const std::size_t least = 4 * players;
    checkPlan(plan, players, least + 2, "kriged_shapley");
    if (players <= kMostExactPlayers && plan.budget >= coalitionCount(players)) {
        return exactShapley(evaluator);
    }
    const auto draw = [&](std::size_t rows) { return drawLeverage(players, rows, plan.seed); };
    const auto fit = [](const CoalitionSample& sample, const ScoreTable& outputs,
                        std::vector<PlayerValues> ends) {
        const bool isSmall = sample.units.size() <= kMostKrigedPairs && !sample.units.empty();
        return isSmall ? fitKriged(sample, outputs, std::move(ends))
                       : fitEfficient(sample, outputs, std::move(ends));
    };
    return estimateUntil(evaluator, plan, least, draw, fit);
}

}  // namespace driftlens::coalitions
