// Averages over noisy copies of the input's embeddings.
#pragma once

#include "core/base/random.h"
#include "xai/methods/path.h"

#include <functional>
#include <string>

namespace driftlens {

// Rows [rows, size] of samples first … first + rows − 1, in the place's type; made when needed,
// since all of them together may be larger than the model.
using SampleRows = std::function<at::Tensor(std::int64_t first, std::int64_t rows)>;

// What is computed at each noisy point.
enum class InnerMethod { Saliency, InputTimesGradient, IntegratedGradients };

// Mean and mean of squares over samples of a vector per entry; float64 [columns of the place,
// size].
struct NoisyMoments {
    at::Tensor mean, meanOfSquares;
    std::vector<std::vector<double>> tokenSums;  // per sample, of the target: signed sum per token
};

// The noise is added to where the place is. A path (for Integrated Gradients) runs from `start` to
// the noisy point.
NoisyMoments noisyMoments(const Place& place, std::int64_t samples, const SampleRows& noise,
                          InnerMethod inner, const at::Tensor& start, const Quadrature& rule,
                          std::int64_t batch, const RunContext& context);

// GradientSHAP's samples (Erion et al. 2021, expected gradients): gradient at
// b + α (x + noise − b), times (x + noise − b). alphas float64 [samples].
struct GradientShapSamples {
    at::Tensor mean;             // float64 [columns of the place, size]
    std::vector<double> deltas;  // per sample, of the target: Σ − (F(x) − F(b))
    std::vector<std::vector<double>> tokenSums;  // likewise
    std::vector<double> baselineValues;          // [columns], means over samples
};
GradientShapSamples gradientShapSamples(const Place& place, const SampleRows& noise,
                                        const SampleRows& baselines, const at::Tensor& alphas,
                                        std::int64_t batch, const RunContext& context);

// Independent normal draws of that deviation for every entry of the place; those of a row depend on
// seed, name and row alone.
SampleRows normalNoise(const Place& place, double deviation, std::uint64_t seed, std::string name);

// Independent standard normal draws of one stream, row-major, float64.
at::Tensor normalTensor(at::IntArrayRef sizes, RandomStream& stream);

// Root mean square of the entries: what relative noise is measured by.
double rootMeanSquare(const at::Tensor& values);

// Standard error of the mean per token, of rows of equal length; empty for fewer than two.
std::vector<double> standardErrors(const std::vector<std::vector<double>>& samples);

}  // namespace driftlens
