#include "xai/methods/linear_probe.h"

#include "core/base/error.h"

#include <ATen/ops/eye.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softplus.h>

namespace driftlens {
namespace {

// Rows of the fold, or all others.
at::Tensor ofFold(const at::Tensor& rows, std::int64_t fold, std::int64_t folds, bool isHeldOut) {
    std::vector<std::int64_t> chosen;
    for (std::int64_t i = 0; i < rows.size(0); ++i)
        if ((i % folds == fold) == isHeldOut) chosen.push_back(i);
    return rows.index_select(0, at::tensor(chosen, at::kLong));
}

// The regression in coordinates whose last column is the intercept's.
struct Problem {
    at::Tensor z;        // [examples, coordinates]
    at::Tensor sign;     // [examples], ±1
    at::Tensor penalty;  // [coordinates], 0 for the intercept
    double c = 1.0;

    at::Tensor margins(const at::Tensor& solution) const { return sign * at::matmul(z, solution); }
    double loss(const at::Tensor& solution) const {
        const at::Tensor squares = (penalty * solution * solution).sum();
        return (0.5 * squares + c * at::softplus(-margins(solution)).sum()).item<double>();
    }
    at::Tensor gradient(const at::Tensor& solution) const {
        const at::Tensor wrong = at::sigmoid(-margins(solution));
        return penalty * solution - c * at::matmul(z.t(), sign * wrong);
    }
    at::Tensor newtonStep(const at::Tensor& solution) const {
        const at::Tensor wrong = at::sigmoid(-margins(solution));
        const at::Tensor curvature = c * wrong * (1.0 - wrong);
        // Flat along the intercept where all are classified without doubt.
        const at::Tensor ridge = penalty + 1e-12 * (1.0 - penalty);
        const at::Tensor hessian = at::matmul(z.t() * curvature, z) + ridge.diag();
        return at::linalg_solve(hessian, gradient(solution));
    }
};

at::Tensor minimise(const Problem& problem) {
    constexpr int kMostSteps = 200;
    constexpr double kFlat = 1e-10;
    constexpr double kShortest = 1e-8;
    at::Tensor solution = at::zeros({problem.z.size(1)}, at::kDouble);
    double best = problem.loss(solution);
    for (int step = 0; step < kMostSteps; ++step) {
        if (problem.gradient(solution).norm().item<double>() < kFlat) break;
        const at::Tensor direction = problem.newtonStep(solution);
        double length = 1.0;
        while (problem.loss(solution - length * direction) > best && length > kShortest)
            length *= 0.5;
        const at::Tensor next = solution - length * direction;
        const double loss = problem.loss(next);
        if (loss > best) break;
        solution = next;
        best = loss;
    }
    return solution;
}

}  // namespace

at::Tensor LinearProbe::margins(const at::Tensor& rows) const {
    return at::matmul(rows, weights) + intercept;
}

LinearProbe fitProbe(const at::Tensor& positives, const at::Tensor& negatives, double c) {
    const at::Tensor x = at::cat({positives, negatives});
    if (!at::isfinite(x).all().item<bool>())
        throw Error(ErrorKind::Numeric, "a concept's activations are not finite");
    // The solution is a combination of the rows: coordinates in an orthonormal basis of their span
    // leave the penalty as it is.
    const at::Tensor basis = std::get<0>(at::linalg_qr(x.t()));  // [features, rank]
    const at::Tensor ones = at::ones({x.size(0), 1}, at::kDouble);
    Problem problem;
    problem.z = at::cat({at::matmul(x, basis), ones}, 1);
    problem.sign = at::cat(
        {at::ones({positives.size(0)}, at::kDouble), -at::ones({negatives.size(0)}, at::kDouble)});
    problem.penalty =
        at::cat({at::ones({basis.size(1)}, at::kDouble), at::zeros({1}, at::kDouble)});
    problem.c = c;
    const at::Tensor solution = minimise(problem);
    return {at::matmul(basis, solution.narrow(0, 0, basis.size(1))),
            solution[basis.size(1)].item<double>()};
}

double accuracyOf(const LinearProbe& probe, const at::Tensor& positives,
                  const at::Tensor& negatives) {
    const auto right = (probe.margins(positives) > 0).sum().item<std::int64_t>() +
                       (probe.margins(negatives) <= 0).sum().item<std::int64_t>();
    return static_cast<double>(right) / static_cast<double>(positives.size(0) + negatives.size(0));
}

double heldOutAccuracy(const at::Tensor& positives, const at::Tensor& negatives, std::int64_t folds,
                       double c) {
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
