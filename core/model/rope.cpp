#include "core/model/rope.h"

#include <cmath>
#include <numbers>

namespace driftlens {
namespace {

// Llama 3 scaling: long wavelengths are stretched by `factor`, short ones kept, a linear blend
// between the two.
double llama3Frequency(const RopeSpec& rope, double frequency) {
    const double wavelength = 2.0 * std::numbers::pi / frequency;
    const double longest = rope.originalContext / rope.lowFrequencyFactor;
    const double shortest = rope.originalContext / rope.highFrequencyFactor;
    if (wavelength < shortest) return frequency;
    if (wavelength > longest) return frequency / rope.factor;
    const double blend = (rope.originalContext / wavelength - rope.lowFrequencyFactor) /
                         (rope.highFrequencyFactor - rope.lowFrequencyFactor);
    return (1.0 - blend) * frequency / rope.factor + blend * frequency;
}

double scaledFrequency(const RopeSpec& rope, double frequency) {
    switch (rope.scaling) {
        case RopeSpec::Scaling::None:
            return frequency;
        case RopeSpec::Scaling::Linear:
            return frequency / rope.factor;
        case RopeSpec::Scaling::Llama3:
            return llama3Frequency(rope, frequency);
    }
    return frequency;
}

}  // namespace

std::vector<double> inverseFrequencies(const RopeSpec& rope) {
    std::vector<double> out;
    for (std::int64_t i = 0; i < rope.dimensions; i += 2) {
        const double exponent = static_cast<double>(i) / static_cast<double>(rope.dimensions);
        out.push_back(scaledFrequency(rope, std::pow(rope.theta, -exponent)));
    }
    return out;
}

RopeTable makeRopeTable(const RopeSpec& rope, const at::Tensor& positions, at::ScalarType compute) {
    const at::ScalarType wide = compute == at::kDouble ? at::kDouble : at::kFloat;
    const at::Tensor frequencies = at::tensor(inverseFrequencies(rope), at::kDouble).to(wide);
    const at::Tensor half = positions.to(wide).unsqueeze(-1) * frequencies;  // [B, T, dims/2]
    const at::Tensor angles = at::cat({half, half}, -1).unsqueeze(1);        // [B, 1, T, dims]
    return {angles.cos().to(compute), angles.sin().to(compute)};
}

at::Tensor applyRope(const RopeTable& table, const at::Tensor& x) {
    const std::int64_t dimensions = table.cosine.size(-1);
    const at::Tensor turned = x.narrow(-1, 0, dimensions);
    const std::int64_t half = dimensions / 2;
    const at::Tensor swapped =
        at::cat({-turned.narrow(-1, half, half), turned.narrow(-1, 0, half)}, -1);
    const at::Tensor rotated = turned * table.cosine + swapped * table.sine;
    if (dimensions == x.size(-1)) return rotated;
    return at::cat({rotated, x.narrow(-1, dimensions, x.size(-1) - dimensions)}, -1);
}

}  // namespace driftlens
