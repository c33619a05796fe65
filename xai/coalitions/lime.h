// Local linear surrogates: LIME (Ribeiro et al. 2016, "Why should I trust you?") in the forms of
// lime_text and of captum, and ContextCite (Cohen-Wang et al. 2024).
#pragma once

#include "xai/coalitions/evaluator.h"

namespace driftlens::coalitions {

// Coalitions that a surrogate is fitted to, repeats included.
struct SurrogateSample {
    std::vector<Coalition> coalitions;
    std::vector<double> weights;  // one per coalition
    std::size_t firstDrawn = 0;   // those before are there by design
};

// A linear model of the score. Players that it leaves out have value 0 and standard error 0;
// standard errors take the choice of players as given, and are those of the draw (regression.h).
struct SurrogateFit {
    std::vector<double> values;          // [players]
    std::vector<double> standardErrors;  // [players]
    std::vector<std::size_t> selected;   // players, by falling |value|
    double intercept = 0.0;
    double determination = 0.0;  // weighted R²
    double prediction = 0.0;     // of the full coalition
};

// How lime_text chooses players: Auto is Forward up to six, HighestWeights above; Forward adds the
// one that most improves the R² of least squares; HighestWeights takes the largest |coefficient| of
// a ridge with alpha 0.01; LassoPath see regression.h. Ties go to the earlier player.
enum class FeatureSelection { Auto, All, Forward, HighestWeights, LassoPath };

// 1 − the cosine between the coalition and the full one: 1 − √(kept / players).
double cosineDistance(const Coalition& coalition);

// √exp(−d²/width²) with d = 100 · cosineDistance.
double limeTextWeight(const Coalition& coalition, double width = 25.0);
// exp(−d²/(2 width²)) with d = cosineDistance, and with d = √(number removed).
double captumCosineWeight(const Coalition& coalition, double width = 1.0);
double captumHammingWeight(const Coalition& coalition, double width = 1.5);

// The full coalition, then samples − 1 with n players removed, n uniform from 1 to all of them.
SurrogateSample drawLimeText(std::size_t players, std::size_t samples, double width,
                             std::uint64_t seed);
// Each player kept with that probability, on its own; weights 1.
SurrogateSample drawBernoulli(std::size_t players, std::size_t samples, double keepProbability,
                              std::uint64_t seed);

// outputs: one per coalition. All three: at least two coalitions drawn.

// A ridge with alpha 1 on at most `features` chosen players.
SurrogateFit fitLimeText(const SurrogateSample& sample, std::span<const double> outputs,
                         std::size_t features, FeatureSelection selection);

enum class SurrogateRegressor { Lasso, Ridge };

// All players. Throws Error(Numeric) if the Lasso does not converge.
SurrogateFit fitSurrogate(const SurrogateSample& sample, std::span<const double> outputs,
                          SurrogateRegressor regressor, double alpha);

// A Lasso on membership scaled to unit variance and on outputs / unit: alpha is a change of the
// score per `unit` (ContextCite: the number of tokens of the answer). Values are in the score's own
// unit and per player. Throws as fitSurrogate does.
SurrogateFit fitSparse(const SurrogateSample& sample, std::span<const double> outputs, double alpha,
                       double unit);

// One per target: what every estimator returns, with the fit. Not complete.
struct SurrogateValues {
    PlayerValues players;
    SurrogateFit fit;
};

// All three throw Error(Usage) for fewer than three samples, for an alpha, a width or a unit that
// is not positive, a keep probability outside (0, 1) and for no features, and what
// Evaluator::valuesOf throws.

struct LimeTextPlan {
    std::size_t samples = 5000;
    std::uint64_t seed = 0;
    double width = 25.0;
    std::size_t features = 10;
    FeatureSelection selection = FeatureSelection::Auto;
};
std::vector<SurrogateValues> limeText(Evaluator& evaluator, const LimeTextPlan& plan = {});

struct CaptumLimePlan {
    std::size_t samples = 50;
    std::uint64_t seed = 0;
    double (*weight)(const Coalition&, double width) = &captumCosineWeight;
    double width = 1.0;
    SurrogateRegressor regressor = SurrogateRegressor::Lasso;
    double alpha = 0.01;
};
std::vector<SurrogateValues> captumLime(Evaluator& evaluator, const CaptumLimePlan& plan = {});

struct SparsePlan {
    std::size_t samples = 64;
    std::uint64_t seed = 0;
    double keepProbability = 0.5;
    double alpha = 0.01;
    double unit = 1.0;
};
std::vector<SurrogateValues> sparseAttribution(Evaluator& evaluator, const SparsePlan& plan = {});

}  // namespace driftlens::coalitions
