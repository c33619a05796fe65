#include "xai/coalitions/regression.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace driftlens::coalitions {
namespace {

// The Lasso's solution as its penalty falls from where nothing is chosen to 0: linear between
// corners, at each of which a feature enters or leaves.
class Path {
public:
    Path(Eigen::MatrixXd gram, Eigen::VectorXd correlation)
        : m_gram(std::move(gram)),
          m_correlation(std::move(correlation)),
          m_coefficients(Eigen::VectorXd::Zero(m_correlation.size())) {
        Eigen::Index first = 0;
        m_penalty = m_correlation.cwiseAbs().maxCoeff(&first);
        m_least = 1e-12 * m_penalty;
        m_active = {first};
    }

    // To the next corner; false at the end.
    bool advance() {
        if (m_penalty <= m_least) return false;
        const Eigen::VectorXd direction = directionOfActive();
        const Eigen::VectorXd slope = m_gram(Eigen::all, m_active) * direction;
        Corner corner{m_penalty};
        for (Eigen::Index j = 0; j < m_correlation.size(); ++j) considerEntry(corner, j, slope[j]);
        for (std::size_t k = 0; k < m_active.size(); ++k) considerExit(corner, k, direction);
        for (std::size_t k = 0; k < m_active.size(); ++k) {
            m_coefficients[m_active[k]] += corner.distance * direction[asIndex(k)];
        }
        m_correlation -= corner.distance * slope;
        m_penalty -= corner.distance;
        take(corner);
        return true;
    }

    std::vector<std::size_t> chosen() const {
        std::vector<std::size_t> out;
        for (Eigen::Index j = 0; j < m_coefficients.size(); ++j) {
            if (m_coefficients[j] != 0.0) out.push_back(static_cast<std::size_t>(j));
        }
        return out;
    }

private:
    static constexpr Eigen::Index kNone = -1;
    struct Corner {
        double distance;
        Eigen::Index enters = kNone;
        Eigen::Index leaves = kNone;
    };

    static Eigen::Index asIndex(std::size_t i) { return static_cast<Eigen::Index>(i); }
    bool isActive(Eigen::Index j) const {
        return std::find(m_active.begin(), m_active.end(), j) != m_active.end();
    }

    // How the active coefficients change per unit of penalty: their correlations stay equal.
    Eigen::VectorXd directionOfActive() const {
        const Eigen::VectorXd signs = m_correlation(m_active).cwiseSign();
        return m_gram(m_active, m_active).ldlt().solve(signs);
    }

    void considerEntry(Corner& corner, Eigen::Index j, double slope) const {
        if (isActive(j) || j == m_justLeft) return;
        const double up = (m_penalty - m_correlation[j]) / (1.0 - slope);
        const double down = (m_penalty + m_correlation[j]) / (1.0 + slope);
        for (const double distance : {up, down}) {
            if (distance > 0.0 && distance < corner.distance) corner = {distance, j};
        }
    }

    void considerExit(Corner& corner, std::size_t k, const Eigen::VectorXd& direction) const {
        const double distance = -m_coefficients[m_active[k]] / direction[asIndex(k)];
        if (distance > 0.0 && distance < corner.distance) {
            corner = {distance, kNone, m_active[k]};
        }
    }

    void take(const Corner& corner) {
        m_justLeft = corner.leaves;
        if (corner.enters != kNone) m_active.push_back(corner.enters);
        if (corner.leaves == kNone) return;
        m_coefficients[corner.leaves] = 0.0;
        std::erase(m_active, corner.leaves);
    }

    Eigen::MatrixXd m_gram;
    Eigen::VectorXd m_correlation;  // of the features with the residual
    Eigen::VectorXd m_coefficients;
    std::vector<Eigen::Index> m_active;
    Eigen::Index m_justLeft = kNone;
    double m_penalty = 0.0;
    double m_least = 0.0;
};

}  // namespace

std::vector<std::size_t> lassoPathFeatures(const Regression& data, std::size_t most) {
    const double total = data.weights.sum();
    const Eigen::RowVectorXd mean = data.weights.transpose() * data.x / total;
    const Eigen::MatrixXd x = data.x.rowwise() - mean;
    const Eigen::VectorXd y = data.y.array() - data.weights.dot(data.y) / total;
    const Eigen::MatrixXd weighted = data.weights.asDiagonal() * x;
    Path path(weighted.transpose() * x, weighted.transpose() * y);
    std::vector<std::size_t> out;
    while (path.advance()) {
        std::vector<std::size_t> chosen = path.chosen();
        if (chosen.size() <= most) out = std::move(chosen);
    }
    return out;
}

}  // namespace driftlens::coalitions
