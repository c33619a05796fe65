#include "xai/coalitions/efficient_fit.h"

#include "core/base/error.h"
#include "xai/coalitions/regression.h"

#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <utility>

namespace driftlens::coalitions {
namespace {

constexpr double kLeastFreedom = 1e-9;  // 1 − leverage of a unit

// Orthonormal columns that span the vectors of sum 0 (Helmert's): [players, players − 1]. Values in
// this basis keep the constraint, and none of the players is treated apart.
Eigen::MatrixXd sumZeroBasis(Eigen::Index players) {
    Eigen::MatrixXd out = Eigen::MatrixXd::Zero(players, players - 1);
    for (Eigen::Index k = 1; k < players; ++k) {
        const double scale = 1.0 / std::sqrt(static_cast<double>(k * (k + 1)));
        out.col(k - 1).head(k).setConstant(scale);
        out(k, k - 1) = -static_cast<double>(k) * scale;
    }
    return out;
}

// The pseudo-inverse, [columns, rows]: of the small triangle only, since there are many more rows.
Eigen::MatrixXd pseudoInverse(const Eigen::MatrixXd& x) {
    if (x.rows() < x.cols()) return x.completeOrthogonalDecomposition().pseudoInverse();
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(x);
    const Eigen::MatrixXd basis = qr.householderQ() * Eigen::MatrixXd::Identity(x.rows(), x.cols());
    const Eigen::MatrixXd triangle = qr.matrixQR().topRows(x.cols()).triangularView<Eigen::Upper>();
    return triangle.completeOrthogonalDecomposition().pseudoInverse() * basis.transpose();
}

// The design, factorised once for all targets.
struct Design {
    Eigen::MatrixXd members;   // [rows, players]
    Eigen::VectorXd root;      // square roots of the weights, [rows]
    Eigen::MatrixXd solution;  // weighted residuals to values, [players, rows]
    Eigen::VectorXd leverage;  // [rows]
};

Design designOf(const CoalitionSample& sample) {
    Design out;
    out.members = membership(sample.coalitions);
    out.root = Eigen::Map<const Eigen::VectorXd>(sample.weights.data(),
                                                 static_cast<Eigen::Index>(sample.weights.size()))
                   .cwiseSqrt();
    const Eigen::MatrixXd basis = sumZeroBasis(out.members.cols());
    const Eigen::MatrixXd x = out.root.asDiagonal() * (out.members * basis);
    const Eigen::MatrixXd inverse = pseudoInverse(x);
    out.leverage = x.cwiseProduct(inverse.transpose()).rowwise().sum();
    out.solution = basis * inverse;
    return out;
}

// 1 − leverage of each unit.
std::vector<double> freedomOf(const CoalitionSample& sample, const Design& design) {
    std::vector<double> out;
    for (const DrawnUnit& unit : sample.units) {
        const double leverage = design.leverage
                                    .segment(static_cast<Eigen::Index>(unit.first),
                                             static_cast<Eigen::Index>(unit.rows))
                                    .sum();
        if (1.0 - leverage < kLeastFreedom) {
            throw Error(ErrorKind::Numeric,
                        "the values hang on a single drawn coalition: raise the budget");
        }
        out.push_back(1.0 - leverage);
    }
    return out;
}

// What one draw of each unit adds to the values, [players, units]; a pair's rows are each other's
// negatives in the basis, so that its leverage is one number.
Eigen::MatrixXd influences(const CoalitionSample& sample, const Design& design,
                           std::span<const double> freedom, const Eigen::VectorXd& residuals) {
    Eigen::MatrixXd out(design.solution.rows(), static_cast<Eigen::Index>(sample.units.size()));
    for (std::size_t i = 0; i < sample.units.size(); ++i) {
        const DrawnUnit& unit = sample.units[i];
        const auto first = static_cast<Eigen::Index>(unit.first);
        const auto rows = static_cast<Eigen::Index>(unit.rows);
        out.col(static_cast<Eigen::Index>(i)) = design.solution.middleCols(first, rows) *
                                                residuals.segment(first, rows) /
                                                (freedom[i] * unit.times);
    }
    return out;
}

// The variance of a sum of draws, stratum by stratum, [players].
Eigen::VectorXd varianceOf(const CoalitionSample& sample, const Eigen::MatrixXd& influence) {
    Eigen::VectorXd out = Eigen::VectorXd::Zero(influence.rows());
    for (std::size_t stratum = 0; stratum < sample.missedOfStratum.size(); ++stratum) {
        double draws = 0.0;
        Eigen::VectorXd sum = Eigen::VectorXd::Zero(influence.rows());
        Eigen::VectorXd squares = sum;
        for (std::size_t i = 0; i < sample.units.size(); ++i) {
            if (sample.units[i].stratum != stratum) continue;
            const auto column = influence.col(static_cast<Eigen::Index>(i));
            draws += sample.units[i].times;
            sum += sample.units[i].times * column;
            squares += sample.units[i].times * column.cwiseAbs2();
        }
        if (draws < 2.0) continue;  // a stratum of one unit, which was drawn
        const Eigen::VectorXd scatter = (squares - sum.cwiseAbs2() / draws).cwiseMax(0.0);
        out += sample.missedOfStratum[stratum] * draws / (draws - 1.0) * scatter;
    }
    return out;
}

// A sample whose new coalitions the budget still allows: what earlier, smaller samples had scored
// need not be part of it.
CoalitionSample drawWithin(const Tally& tally, std::size_t budget, std::size_t rows,
                           const std::function<CoalitionSample(std::size_t)>& draw) {
    for (;;) {
        CoalitionSample sample = draw(rows);
        const std::size_t total =
            std::max(tally.distinct(), std::size_t{2}) + tally.wouldAdd(sample.coalitions);
        if (total <= budget) return sample;
        rows -= total - budget;
    }
}

}  // namespace

std::vector<PlayerValues> fitEfficient(const CoalitionSample& sample, const ScoreTable& outputs,
                                       std::vector<PlayerValues> ends) {
    const Design design = designOf(sample);
    const std::vector<double> freedom = freedomOf(sample, design);
    const auto players = static_cast<double>(design.members.cols());
    const Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>
        y(outputs.values.data(), design.members.rows(), static_cast<Eigen::Index>(outputs.targets));
    for (std::size_t target = 0; target < ends.size(); ++target) {
        PlayerValues& result = ends[target];
        const double equal = (result.full - result.empty) / players;
        const Eigen::VectorXd centred = y.col(static_cast<Eigen::Index>(target)).array() -
                                        result.empty -
                                        design.members.rowwise().sum().array() * equal;
        const Eigen::VectorXd deviation = design.solution * design.root.cwiseProduct(centred);
        const Eigen::VectorXd residuals =
            design.root.cwiseProduct(centred - design.members * deviation);
        const Eigen::VectorXd values = deviation.array() + equal;
        result.values.assign(values.begin(), values.end());
        if (sample.units.empty()) continue;
        const Eigen::VectorXd errors =
            varianceOf(sample, influences(sample, design, freedom, residuals)).cwiseSqrt();
        result.standardErrors.assign(errors.begin(), errors.end());
    }
    return ends;
}

std::vector<PlayerValues> estimateFrom(Tally& tally, std::size_t players,
                                       const CoalitionSample& sample, const SampleFit& fit) {
    std::vector<PlayerValues> out = withEnds(tally, players);
    if (players == 1) {
        for (PlayerValues& result : out) result.values = {result.full - result.empty};
    } else {
        out = fit(sample, tally.valuesOf(sample.coalitions), std::move(out));
    }
    close(out, tally);
    return out;
}

std::vector<PlayerValues> estimateUntil(Evaluator& evaluator, const SamplingPlan& plan,
                                        std::size_t least,
                                        const std::function<CoalitionSample(std::size_t)>& draw,
                                        const SampleFit& fit) {
    Tally tally(evaluator);
    const std::size_t budget = std::min(plan.budget, coalitionCount(evaluator.players()));
    std::size_t rows = plan.tolerance > 0.0 ? std::min(least, budget - 2) : budget - 2;
    for (;;) {
        const bool isLast = rows == budget - 2;
        const CoalitionSample sample = drawWithin(tally, budget, rows, draw);
        std::vector<PlayerValues> out = estimateFrom(tally, evaluator.players(), sample, fit);
        if (isLast || largestStandardError(out) <= plan.tolerance) return out;
        rows = std::min(2 * rows, budget - 2);
    }
}

}  // namespace driftlens::coalitions
