#include "xai/methods/noise.h"

#include <cmath>

namespace driftlens {
NoisyMoments noisyMoments(const Place& place, std::int64_t samples, const SampleRows& noise,
                          InnerMethod inner, const at::Tensor& start, const Quadrature& rule,
                          std::int64_t batch, const RunContext& context) {
    NoisyMoments out;
    out.mean = at::zeros({place.columns(), place.here().size(1)}, at::kDouble);
    out.meanOfSquares = at::zeros_like(out.mean);
    // parts float64 [rows, size] of a column.
    const auto add = [&](std::int64_t column, const at::Tensor& parts) {
        for (std::int64_t row = 0; row < parts.size(0); ++row) {
            const at::Tensor one = parts.narrow(0, row, 1);
            out.mean.narrow(0, column, 1).add_(one);
            out.meanOfSquares.narrow(0, column, 1).add_(one.square());
            if (column == 0)
                out.tokenSums.push_back(place.columnsOf(one, Place::Reduction::Sum).tokens);
        }
    };
    const bool isPath = inner == InnerMethod::IntegratedGradients;
    const std::int64_t step = isPath ? 1 : batch;
    for (std::int64_t first = 0; first < samples; first += step) {
        const std::int64_t rows = std::min(step, samples - first);
        const at::Tensor points = place.here() + noise(first, rows);
        if (isPath) {
            const Line line = {start, points - start};
            const PathIntegral path = integrate(place, line, rule, batch, {});
            const at::Tensor parts = path.gradients * line.difference.to(at::kDouble);
            for (std::int64_t c = 0; c < parts.size(0); ++c) add(c, parts.narrow(0, c, 1));
        } else {
            place.visitGradients(points, [&](std::int64_t column, const at::Tensor& found) {
                const at::Tensor gradient = found.to(at::kDouble);
                add(column,
                    inner == InnerMethod::Saliency ? gradient : gradient * points.to(at::kDouble));
            });
        }
        context.checkpoint(static_cast<double>(first + rows) / static_cast<double>(samples),
                           "noisy samples");
    }
    out.mean /= static_cast<double>(samples);
    out.meanOfSquares /= static_cast<double>(samples);
    return out;
}

GradientShapSamples gradientShapSamples(const Place& place, const SampleRows& noise,
                                        const SampleRows& baselines, const at::Tensor& alphas,
                                        std::int64_t batch, const RunContext& context) {
    const std::int64_t samples = alphas.size(0);
    GradientShapSamples out;
    out.mean = at::zeros({place.columns(), place.here().size(1)}, at::kDouble);
    out.baselineValues.resize(static_cast<std::size_t>(place.columns()));
    for (std::int64_t first = 0; first < samples; first += batch) {
        const std::int64_t rows = std::min(batch, samples - first);
        const at::Tensor start = baselines(first, rows);
        const at::Tensor end = place.here() + noise(first, rows);
        const at::Tensor alpha = alphas.narrow(0, first, rows).to(end.scalar_type()).unsqueeze(1);
        const at::Tensor startValues = place.columnValues(start);
        const at::Tensor change = place.values(end) - startValues.select(1, 0);
        for (std::size_t c = 0; c < out.baselineValues.size(); ++c) {
            const at::Tensor own = startValues.select(1, static_cast<std::int64_t>(c));
            out.baselineValues[c] += own.sum().item<double>() / static_cast<double>(samples);
        }
        const auto add = [&](std::int64_t column, const at::Tensor& gradient) {
            const at::Tensor parts = (gradient * (end - start)).to(at::kDouble);
            for (std::int64_t row = 0; row < rows; ++row) {
                const at::Tensor one = parts.narrow(0, row, 1);
                out.mean.narrow(0, column, 1).add_(one);
                if (column > 0) continue;
                out.tokenSums.push_back(place.columnsOf(one, Place::Reduction::Sum).tokens);
                out.deltas.push_back((one.sum() - change[row]).item<double>());
            }
        };
        place.visitGradients(start + alpha * (end - start), add);
        context.checkpoint(static_cast<double>(first + rows) / static_cast<double>(samples),
                           "gradient_shap");
    }
    out.mean /= static_cast<double>(samples);
    return out;
}

SampleRows normalNoise(const Place& place, double deviation, std::uint64_t seed, std::string name) {
    const std::int64_t size = place.here().size(1);
    const at::ScalarType type = place.here().scalar_type();
    return [=](std::int64_t first, std::int64_t rows) {
        at::Tensor out = at::empty({rows, size}, at::kDouble);
        for (std::int64_t row = first; row < first + rows; ++row) {
            RandomStream draws(seed, name, static_cast<std::uint64_t>(row));
            out[row - first] = deviation * normalTensor({size}, draws);
        }
        return out.to(type);
    };
}

at::Tensor normalTensor(at::IntArrayRef sizes, RandomStream& stream) {
    at::Tensor out = at::empty(sizes, at::kDouble);
    auto* values = out.mutable_data_ptr<double>();
    for (std::int64_t i = 0; i < out.numel(); ++i) values[i] = stream.normal();
    return out;
}

double rootMeanSquare(const at::Tensor& values) {
    return std::sqrt(values.to(at::kDouble).square().mean().item<double>());
}

std::vector<double> standardErrors(const std::vector<std::vector<double>>& samples) {
    if (samples.size() < 2) return {};
    const auto count = static_cast<double>(samples.size());
    std::vector<double> out(samples.front().size());
    for (std::size_t token = 0; token < out.size(); ++token) {
        double mean = 0.0;
        for (const auto& sample : samples) mean += sample[token] / count;
        double squares = 0.0;
        for (const auto& sample : samples) squares += std::pow(sample[token] - mean, 2);
        out[token] = std::sqrt(squares / (count - 1.0) / count);
    }
    return out;
}

}  // namespace driftlens
