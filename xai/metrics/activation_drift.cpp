#include "xai/metrics/activation_drift.h"

#include "core/base/error.h"
#include "core/base/statistics/distributions.h"
#include "xai/metrics/agreement.h"
#include "xai/metrics/score_distance.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix centred(const MatrixView& view) {
    Matrix out = Eigen::Map<const Matrix>(view.values.data(), static_cast<Eigen::Index>(view.rows),
                                          static_cast<Eigen::Index>(view.columns));
    out.rowwise() -= out.colwise().mean();
    return out;
}

// |xᵀ y|², by the smaller of the products that give it.
double crossEnergy(const Matrix& x, const Matrix& y) {
    if (x.rows() > std::max(x.cols(), y.cols())) return (x.transpose() * y).squaredNorm();
    return (x * x.transpose()).cwiseProduct(y * y.transpose()).sum();
}

void checkRows(const MatrixView& x, const MatrixView& y) {
    if (x.rows != y.rows)
        throw Error(ErrorKind::Internal, "activation drift: the numbers of positions differ");
}

Figure meanRowCosine(const MatrixView& x, const MatrixView& y) {
    double sum = 0.0, count = 0.0;
    for (std::size_t i = 0; i < x.rows; ++i) {
        const Figure figure = cosine(x.row(i), y.row(i));
        sum += figure.value.value_or(0.0);
        count += figure.value ? 1.0 : 0.0;
    }
    if (count == 0.0) return undefinedFigure("all rows are zero");
    return finiteFigure(sum / count);
}

}  // namespace

ActivationDrift activationDrift(const MatrixView& reference,
                                const std::optional<MatrixView>& variant) {
    ActivationDrift out;
    if (!variant) {
        out.cosine = out.relativeFrobenius = out.sqnrDecibel = out.linearCka =
            undefinedFigure(kAbsent);
        return out;
    }
    checkRows(reference, *variant);
    out.linearCka = linearCka(reference, *variant);
    if (reference.columns != variant->columns) {
        out.cosine = out.relativeFrobenius = out.sqnrDecibel = undefinedFigure("the widths differ");
        return out;
    }
    if (!allFinite(reference.values) || !allFinite(variant->values)) {
        out.cosine = out.relativeFrobenius = out.sqnrDecibel =
            undefinedFigure("a value is not finite");
        return out;
    }
    out.cosine = meanRowCosine(reference, *variant);
    out.relativeFrobenius = relativeError(reference.values, variant->values);
    out.sqnrDecibel = signalToNoiseDecibel(reference.values, variant->values);
    return out;
}

Figure linearCka(const MatrixView& x, const MatrixView& y) {
    checkRows(x, y);
    if (x.rows < 2) return undefinedFigure("fewer than two positions");
    if (!allFinite(x.values) || !allFinite(y.values))
        return undefinedFigure("a value is not finite");
    const Matrix a = centred(x), b = centred(y);
    // What centring leaves of equal rows is rounding, far below 1e-12 of what was there.
    constexpr double kRounding = 1e-24;
    const auto isConstant = [](const Matrix& centredRows, const MatrixView& view) {
        const double before =
            std::inner_product(view.values.begin(), view.values.end(), view.values.begin(), 0.0);
        return centredRows.squaredNorm() <= kRounding * before;
    };
    if (isConstant(a, x) || isConstant(b, y)) return undefinedFigure("all rows are equal");
    const double cka = crossEnergy(a, b) / std::sqrt(crossEnergy(a, a) * crossEnergy(b, b));
    return std::isfinite(cka) ? finiteFigure(std::clamp(cka, 0.0, 1.0)) : finiteFigure(cka);
}

}  // namespace driftlens
