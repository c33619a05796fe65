#include "xai/methods/linear_probe.h"

#include "core/base/error.h"

#include <Eigen/Dense>

#include <cmath>

namespace driftlens {
namespace {

Eigen::MatrixXd stacked(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
    Eigen::MatrixXd out(a.rows() + b.rows(), a.cols());
    out << a, b;
    return out;
}

// Rows of the fold, or all others.
Eigen::MatrixXd ofFold(const Eigen::MatrixXd& rows, std::int64_t fold, std::int64_t folds,
                       bool isHeldOut) {
    std::vector<Eigen::Index> chosen;
    for (Eigen::Index i = 0; i < rows.rows(); ++i)
        if ((i % folds == fold) == isHeldOut) chosen.push_back(i);
    return rows(chosen, Eigen::all);
}

double loss(const Eigen::VectorXd& margins, const Eigen::VectorXd& weights, double c) {
    double sum = 0.0;
    for (const double margin : margins) {
        // log(1 + exp(−m)) without overflow.
        sum +=
            margin > 0.0 ? std::log1p(std::exp(-margin)) : -margin + std::log1p(std::exp(margin));
    }
    return 0.5 * weights.squaredNorm() + c * sum;
}

}  // namespace

LinearProbe fitProbe(const Eigen::MatrixXd& positives, const Eigen::MatrixXd& negatives, double c) {
    const Eigen::MatrixXd x = stacked(positives, negatives);
    if (!x.allFinite()) throw Error(ErrorKind::Numeric, "a concept's activations are not finite");
    // The solution is a combination of the rows: coordinates in an orthonormal basis of their span
    // leave the penalty as it is.
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(x.transpose());
    const Eigen::Index rank = std::min(x.rows(), x.cols());
    const Eigen::MatrixXd basis = qr.householderQ() * Eigen::MatrixXd::Identity(x.cols(), rank);
    Eigen::MatrixXd z(x.rows(), rank + 1);
    z << x * basis, Eigen::VectorXd::Ones(x.rows());
    Eigen::VectorXd sign = Eigen::VectorXd::Constant(x.rows(), -1.0);
    sign.head(positives.rows()).setOnes();
    Eigen::VectorXd penalty = Eigen::VectorXd::Ones(rank + 1);
    penalty[rank] = 0.0;

    Eigen::VectorXd solution = Eigen::VectorXd::Zero(rank + 1);
    double best = loss(sign.cwiseProduct(z * solution), solution.head(rank), c);
    constexpr int kMostSteps = 200;
    for (int step = 0; step < kMostSteps; ++step) {
        const Eigen::VectorXd margins = sign.cwiseProduct(z * solution);
        const Eigen::VectorXd wrong =
            margins.unaryExpr([](double m) { return 1.0 / (1.0 + std::exp(m)); });
        const Eigen::VectorXd gradient =
            penalty.cwiseProduct(solution) - c * z.transpose() * sign.cwiseProduct(wrong);
        if (gradient.norm() < 1e-10) break;
        const Eigen::VectorXd curvature =
            c * wrong.cwiseProduct(Eigen::VectorXd::Ones(wrong.size()) - wrong);
        Eigen::MatrixXd hessian = z.transpose() * curvature.asDiagonal() * z;
        hessian.diagonal() += penalty;
        hessian(rank, rank) += 1e-12;  // flat where all are classified without doubt
        const Eigen::VectorXd direction = hessian.ldlt().solve(gradient);
        double length = 1.0;
        Eigen::VectorXd next = solution - direction;
        double value = loss(sign.cwiseProduct(z * next), next.head(rank), c);
        while (value > best && length > 1e-8) {
            length *= 0.5;
            next = solution - length * direction;
            value = loss(sign.cwiseProduct(z * next), next.head(rank), c);
        }
        if (value > best) break;
        solution = next;
        best = value;
    }
    return {basis * solution.head(rank), solution[rank]};
}

double accuracyOf(const LinearProbe& probe, const Eigen::MatrixXd& positives,
                  const Eigen::MatrixXd& negatives) {
    Eigen::Index right = 0;
    for (const auto& row : positives.rowwise()) right += probe.says(row) ? 1 : 0;
    for (const auto& row : negatives.rowwise()) right += probe.says(row) ? 0 : 1;
    return static_cast<double>(right) / static_cast<double>(positives.rows() + negatives.rows());
}

double heldOutAccuracy(const Eigen::MatrixXd& positives, const Eigen::MatrixXd& negatives,
                       std::int64_t folds, double c) {
    double sum = 0.0;
    for (std::int64_t fold = 0; fold < folds; ++fold) {
        const LinearProbe probe = fitProbe(ofFold(positives, fold, folds, false),
                                           ofFold(negatives, fold, folds, false), c);
        sum += accuracyOf(probe, ofFold(positives, fold, folds, true),
                          ofFold(negatives, fold, folds, true));
    }
    return sum / static_cast<double>(folds);
}

}  // namespace driftlens
