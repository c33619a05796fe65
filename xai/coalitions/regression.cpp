#include "xai/coalitions/regression.h"

#include "core/base/error.h"

#include <Eigen/QR>

#include <algorithm>
#include <cmath>

namespace driftlens::coalitions {
namespace {

constexpr int kMostSweeps = 100'000;
constexpr double kConverged = 1e-13;
constexpr double kLeastFreedom = 1e-9;  // 1 − leverage

// x and y without their weighted means: what is left once the intercept is eliminated.
struct Centred {
    Eigen::MatrixXd x;
    Eigen::VectorXd y;
    Eigen::RowVectorXd meanX;
    double meanY = 0.0;
    double totalWeight = 0.0;

    LinearFit fitOf(const Eigen::VectorXd& coefficients) const {
        return {coefficients, meanY - meanX.dot(coefficients)};
    }
};

Centred centred(const Regression& data) {
    Centred out;
    out.totalWeight = data.weights.sum();
    out.meanX = data.weights.transpose() * data.x / out.totalWeight;
    out.meanY = data.weights.dot(data.y) / out.totalWeight;
    out.x = data.x.rowwise() - out.meanX;
    out.y = data.y.array() - out.meanY;
    return out;
}

// Mean products of the features with each other and with y.
struct Moments {
    Eigen::MatrixXd gram;         // [features, features]
    Eigen::VectorXd correlation;  // [features]
    double spread = 0.0;          // standard deviation of y
};

Moments momentsOf(const Centred& c, const Eigen::VectorXd& weights) {
    const Eigen::MatrixXd weighted = weights.asDiagonal() * c.x / c.totalWeight;
    const double variance = weights.dot(c.y.cwiseAbs2()) / c.totalWeight;
    return {weighted.transpose() * c.x, weighted.transpose() * c.y, std::sqrt(variance)};
}

double softThreshold(double value, double threshold) {
    if (value > threshold) return value - threshold;
    if (value < -threshold) return value + threshold;
    return 0.0;
}

// Each coefficient in turn to its optimum; the largest change of the fit (a standard deviation).
double sweep(const Moments& m, double alpha, Eigen::VectorXd& b) {
    double largest = 0.0;
    for (Eigen::Index j = 0; j < b.size(); ++j) {
        if (m.gram(j, j) <= 0.0) continue;  // a constant feature
        const double residual = m.correlation[j] - m.gram.col(j).dot(b) + m.gram(j, j) * b[j];
        const double next = softThreshold(residual, alpha) / m.gram(j, j);
        largest = std::max(largest, std::abs(next - b[j]) * std::sqrt(m.gram(j, j)));
        b[j] = next;
    }
    return largest;
}

}  // namespace

Regression Regression::with(std::span<const std::size_t> features) const {
    return {x(Eigen::all, std::vector<std::size_t>(features.begin(), features.end())), y, weights};
}

Eigen::MatrixXd membership(std::span<const Coalition> coalitions) {
    const auto rows = static_cast<Eigen::Index>(coalitions.size());
    const std::size_t players = coalitions.empty() ? 0 : coalitions.front().size();
    Eigen::MatrixXd out = Eigen::MatrixXd::Zero(rows, static_cast<Eigen::Index>(players));
    for (Eigen::Index row = 0; row < rows; ++row) {
        const Coalition& coalition = coalitions[static_cast<std::size_t>(row)];
        for (auto i = coalition.find_first(); i != Coalition::npos; i = coalition.find_next(i)) {
            out(row, static_cast<Eigen::Index>(i)) = 1.0;
        }
    }
    return out;
}

LinearFit ridge(const Regression& data, double alpha) {
    const Centred c = centred(data);
    const Eigen::Index features = data.x.cols();
    // The penalty as further rows: as well conditioned as the data.
    const Eigen::VectorXd root = data.weights.cwiseSqrt();
    Eigen::MatrixXd x(data.x.rows() + features, features);
    x << root.asDiagonal() * c.x, std::sqrt(alpha) * Eigen::MatrixXd::Identity(features, features);
    Eigen::VectorXd y(x.rows());
    y << root.cwiseProduct(c.y), Eigen::VectorXd::Zero(features);
    return c.fitOf(x.completeOrthogonalDecomposition().solve(y));
}

LinearFit lasso(const Regression& data, double alpha) {
    const Centred c = centred(data);
    const Moments moments = momentsOf(c, data.weights);
    Eigen::VectorXd b = Eigen::VectorXd::Zero(data.x.cols());
    for (int i = 0; i < kMostSweeps; ++i) {
        if (sweep(moments, alpha, b) <= kConverged * moments.spread) return c.fitOf(b);
    }
    throw Error(ErrorKind::Numeric,
                "lasso: not converged after " + std::to_string(kMostSweeps) +
                    " sweeps: some features nearly repeat each other; draw more coalitions");
}

Eigen::VectorXd ridgeErrors(const Regression& data, const LinearFit& fit, double alpha,
                            Eigen::Index firstDrawn) {
    if (data.x.cols() == 0) return {};
    const Centred c = centred(data);
    Eigen::MatrixXd bread = c.x.transpose() * data.weights.asDiagonal() * c.x;
    bread.diagonal().array() += alpha;
    // Weighted rows to coefficients, [features, rows].
    const Eigen::MatrixXd solution =
        bread.completeOrthogonalDecomposition().solve(c.x.transpose() * data.weights.asDiagonal());
    const Eigen::VectorXd leverage =
        c.x.cwiseProduct(solution.transpose()).rowwise().sum() + data.weights / c.totalWeight;
    const Eigen::VectorXd residuals =
        (c.y - c.x * fit.coefficients).array() / (1.0 - leverage.array()).max(kLeastFreedom);
    const Eigen::Index drawn = data.x.rows() - firstDrawn;
    const Eigen::MatrixXd influence = (solution * residuals.asDiagonal()).rightCols(drawn);
    const Eigen::MatrixXd scatter = influence.colwise() - influence.rowwise().mean();
    const auto n = static_cast<double>(drawn);
    return (scatter.rowwise().squaredNorm() * n / (n - 1.0)).cwiseSqrt();
}

double determination(const Regression& data, const LinearFit& fit) {
    const Eigen::VectorXd residual = data.y - data.x * fit.coefficients -
                                     Eigen::VectorXd::Constant(data.y.size(), fit.intercept);
    const double unexplained = data.weights.dot(residual.cwiseAbs2());
    const double variation = data.weights.dot(centred(data).y.cwiseAbs2());
    if (variation == 0.0) return unexplained == 0.0 ? 1.0 : 0.0;
    return 1.0 - unexplained / variation;
}

}  // namespace driftlens::coalitions
