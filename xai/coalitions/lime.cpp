#include "xai/coalitions/lime.h"

#include "core/base/error.h"
#include "xai/coalitions/regression.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace driftlens::coalitions {
namespace {

constexpr std::size_t kMostForward = 6;
constexpr double kSelectionAlpha = 0.01;
constexpr double kLimeAlpha = 1.0;

Regression regressionOf(const SurrogateSample& sample, std::span<const double> outputs) {
    const auto rows = static_cast<Eigen::Index>(sample.coalitions.size());
    return {membership(sample.coalitions), Eigen::Map<const Eigen::VectorXd>(outputs.data(), rows),
            Eigen::Map<const Eigen::VectorXd>(sample.weights.data(), rows)};
}

std::vector<std::size_t> everyone(const Regression& data) {
    std::vector<std::size_t> out(static_cast<std::size_t>(data.x.cols()));
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

std::vector<std::size_t> byFallingSize(std::vector<std::size_t> players,
                                       std::span<const double> values) {
    std::stable_sort(players.begin(), players.end(), [&](std::size_t a, std::size_t b) {
        return std::abs(values[a]) > std::abs(values[b]);
    });
    return players;
}

std::vector<std::size_t> highestWeights(const Regression& data, std::size_t features) {
    const LinearFit fit = ridge(data, kSelectionAlpha);
    std::vector<std::size_t> out = byFallingSize(
        everyone(data), {fit.coefficients.data(), static_cast<std::size_t>(data.x.cols())});
    out.resize(std::min(features, out.size()));
    return out;
}

std::vector<std::size_t> forward(const Regression& data, std::size_t features) {
    std::vector<std::size_t> out;
    std::vector<std::size_t> left = everyone(data);
    while (out.size() < features && !left.empty()) {
        double best = -std::numeric_limits<double>::infinity();
        std::size_t chosen = 0;
        for (const std::size_t player : left) {
            std::vector<std::size_t> tried = out;
            tried.push_back(player);
            const Regression part = data.with(tried);
            const double score = determination(part, ridge(part, 0.0));
            if (score > best) {
                best = score;
                chosen = player;
            }
        }
        out.push_back(chosen);
        std::erase(left, chosen);
    }
    return out;
}

std::vector<std::size_t> select(const Regression& data, std::size_t features,
                                FeatureSelection selection) {
    switch (selection) {
        case FeatureSelection::All:
            return everyone(data);
        case FeatureSelection::Forward:
            return forward(data, features);
        case FeatureSelection::HighestWeights:
            return highestWeights(data, features);
        case FeatureSelection::LassoPath:
            return lassoPathFeatures(data, features);
        case FeatureSelection::Auto:
            break;
    }
    return features <= kMostForward ? forward(data, features) : highestWeights(data, features);
}

// The fit of some players as one of all; `errors` belong to the same players.
SurrogateFit spread(const Regression& part, const LinearFit& fit, const Eigen::VectorXd& errors,
                    std::span<const std::size_t> selected, std::size_t players) {
    SurrogateFit out;
    out.values.assign(players, 0.0);
    out.standardErrors.assign(players, 0.0);
    for (std::size_t i = 0; i < selected.size(); ++i) {
        out.values[selected[i]] = fit.coefficients[static_cast<Eigen::Index>(i)];
        out.standardErrors[selected[i]] = errors[static_cast<Eigen::Index>(i)];
    }
    out.selected = byFallingSize({selected.begin(), selected.end()}, out.values);
    out.intercept = fit.intercept;
    out.determination = determination(part, fit);
    out.prediction = fit.intercept + fit.coefficients.sum();
    return out;
}

SurrogateFit ridgeOn(const Regression& data, std::span<const std::size_t> selected, double alpha,
                     std::size_t firstDrawn) {
    const Regression part = data.with(selected);
    const LinearFit fit = ridge(part, alpha);
    const Eigen::VectorXd errors =
        ridgeErrors(part, fit, alpha, static_cast<Eigen::Index>(firstDrawn));
    return spread(part, fit, errors, selected, static_cast<std::size_t>(data.x.cols()));
}

// Errors of the players that are not 0, with those fixed: there the Lasso is a shifted regression.
SurrogateFit lassoOn(const Regression& data, const LinearFit& fit, std::size_t firstDrawn) {
    std::vector<std::size_t> selected;
    for (const std::size_t player : everyone(data)) {
        if (fit.coefficients[static_cast<Eigen::Index>(player)] != 0.0) selected.push_back(player);
    }
    const Regression part = data.with(selected);
    const LinearFit active{fit.coefficients(selected), fit.intercept};
    const Eigen::VectorXd errors =
        ridgeErrors(part, active, 0.0, static_cast<Eigen::Index>(firstDrawn));
    return spread(part, active, errors, selected, static_cast<std::size_t>(data.x.cols()));
}

void require(bool isSound, const std::string& message) {
    if (!isSound) throw Error(ErrorKind::Usage, message);
}

void checkSamples(std::size_t samples, std::string_view method) {
    require(samples >= 3, std::string(method) + ": " + std::to_string(samples) +
                              " samples, at least 3 are needed");
}

void checkPositive(double value, std::string_view what) {
    require(value > 0.0 && std::isfinite(value),
            std::string(what) + " " + std::to_string(value) + " is not positive");
}

// Scores the sample once and fits every target.
std::vector<SurrogateValues> surrogates(
    Evaluator& evaluator, const SurrogateSample& sample,
    const std::function<SurrogateFit(std::span<const double>)>& fit) {
    Tally tally(evaluator);
    const ScoreTable scores = tally.valuesOf(sample.coalitions);
    std::vector<PlayerValues> ends = withEnds(tally, evaluator.players());
    std::vector<SurrogateFit> fits;
    for (std::size_t target = 0; target < ends.size(); ++target) {
        std::vector<double> outputs;
        for (std::size_t row = 0; row < scores.rows(); ++row) {
            outputs.push_back(scores(row, target));
        }
        fits.push_back(fit(outputs));
        ends[target].values = fits.back().values;
        ends[target].standardErrors = fits.back().standardErrors;
    }
    close(ends, tally);
    std::vector<SurrogateValues> out;
    for (std::size_t target = 0; target < ends.size(); ++target) {
        out.push_back({std::move(ends[target]), std::move(fits[target])});
    }
    return out;
}

}  // namespace

double cosineDistance(const Coalition& coalition) {
    return 1.0 - std::sqrt(static_cast<double>(coalition.count()) /
                           static_cast<double>(coalition.size()));
}

double limeTextWeight(const Coalition& coalition, double width) {
    const double ratio = 100.0 * cosineDistance(coalition) / width;
    return std::sqrt(std::exp(-ratio * ratio));
}

double captumCosineWeight(const Coalition& coalition, double width) {
    const double ratio = cosineDistance(coalition) / width;
    return std::exp(-0.5 * ratio * ratio);
}

double captumHammingWeight(const Coalition& coalition, double width) {
    const auto removed = static_cast<double>(coalition.size() - coalition.count());
    return std::exp(-0.5 * removed / (width * width));
}

SurrogateSample drawLimeText(std::size_t players, std::size_t samples, double width,
                             std::uint64_t seed) {
    SurrogateSample out{{fullCoalition(players)}, {1.0}, 1};
    for (std::size_t i = 1; i < samples; ++i) {
        RandomStream stream(seed, "lime_text", i);
        const std::size_t removed = 1 + stream.below(players);
        out.coalitions.push_back(complementOf(drawCoalition(players, removed, stream)));
        out.weights.push_back(limeTextWeight(out.coalitions.back(), width));
    }
    return out;
}

SurrogateSample drawBernoulli(std::size_t players, std::size_t samples, double keepProbability,
                              std::uint64_t seed) {
    SurrogateSample out;
    for (std::size_t i = 0; i < samples; ++i) {
        RandomStream stream(seed, "bernoulli_masks", i);
        Coalition coalition = emptyCoalition(players);
        for (std::size_t player = 0; player < players; ++player) {
            coalition.set(player, stream.uniform() < keepProbability);
        }
        out.coalitions.push_back(std::move(coalition));
        out.weights.push_back(1.0);
    }
    return out;
}

SurrogateFit fitLimeText(const SurrogateSample& sample, std::span<const double> outputs,
                         std::size_t features, FeatureSelection selection) {
    const Regression data = regressionOf(sample, outputs);
    return ridgeOn(data, select(data, features, selection), kLimeAlpha, sample.firstDrawn);
}

SurrogateFit fitSurrogate(const SurrogateSample& sample, std::span<const double> outputs,
                          SurrogateRegressor regressor, double alpha) {
    const Regression data = regressionOf(sample, outputs);
    if (regressor == SurrogateRegressor::Ridge) {
        return ridgeOn(data, everyone(data), alpha, sample.firstDrawn);
    }
    return lassoOn(data, lasso(data, alpha), sample.firstDrawn);
}

SurrogateFit fitSparse(const SurrogateSample& sample, std::span<const double> outputs, double alpha,
                       double unit) {
    const Regression data = regressionOf(sample, outputs);
    const Eigen::RowVectorXd mean = data.x.colwise().mean();
    const Eigen::RowVectorXd deviation =
        (data.x.rowwise() - mean).cwiseAbs2().colwise().mean().cwiseSqrt();
    const Eigen::RowVectorXd scale = (deviation.array() == 0.0).select(1.0, deviation);
    const Regression scaled{data.x * scale.cwiseInverse().asDiagonal(), data.y / unit,
                            data.weights};
    LinearFit fit = lasso(scaled, alpha);
    fit.coefficients = unit * fit.coefficients.cwiseQuotient(scale.transpose());
    fit.intercept *= unit;
    return lassoOn(data, fit, sample.firstDrawn);
}

std::vector<SurrogateValues> limeText(Evaluator& evaluator, const LimeTextPlan& plan) {
    checkSamples(plan.samples, "lime");
    checkPositive(plan.width, "lime: the kernel width");
    require(plan.features > 0, "lime: no features to choose, at least 1 is needed");
    const SurrogateSample sample =
        drawLimeText(evaluator.players(), plan.samples, plan.width, plan.seed);
    return surrogates(evaluator, sample, [&](std::span<const double> outputs) {
        return fitLimeText(sample, outputs, plan.features, plan.selection);
    });
}

std::vector<SurrogateValues> captumLime(Evaluator& evaluator, const CaptumLimePlan& plan) {
    checkSamples(plan.samples, "captum_lime");
    checkPositive(plan.width, "captum_lime: the kernel width");
    checkPositive(plan.alpha, "captum_lime: alpha");
    SurrogateSample sample = drawBernoulli(evaluator.players(), plan.samples, 0.5, plan.seed);
    std::transform(sample.coalitions.begin(), sample.coalitions.end(), sample.weights.begin(),
                   [&](const Coalition& c) { return plan.weight(c, plan.width); });
    return surrogates(evaluator, sample, [&](std::span<const double> outputs) {
        return fitSurrogate(sample, outputs, plan.regressor, plan.alpha);
    });
}

std::vector<SurrogateValues> sparseAttribution(Evaluator& evaluator, const SparsePlan& plan) {
    checkSamples(plan.samples, "context_cite");
    checkPositive(plan.alpha, "context_cite: alpha");
    checkPositive(plan.unit, "context_cite: the unit");
    require(plan.keepProbability > 0.0 && plan.keepProbability < 1.0,
            "context_cite: the keep probability " + std::to_string(plan.keepProbability) +
                " is not between 0 and 1");
    const SurrogateSample sample =
        drawBernoulli(evaluator.players(), plan.samples, plan.keepProbability, plan.seed);
    return surrogates(evaluator, sample, [&](std::span<const double> outputs) {
        return fitSparse(sample, outputs, plan.alpha, plan.unit);
    });
}

}  // namespace driftlens::coalitions
