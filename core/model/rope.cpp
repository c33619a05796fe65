#include "core/model/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace driftlens {
namespace {

double plainFrequency(const RopeSpec& rope, double theta, std::size_t pair) {
    const double exponent = 2.0 * static_cast<double>(pair) / static_cast<double>(rope.dimensions);
    return std::pow(theta, -exponent);
}

// Long wavelengths are stretched by `factor`, short ones kept, a linear blend between the two.
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

// The base that a text of that length needs so that its slowest dimension is interpolated.
double dynamicTheta(const RopeSpec& rope, std::int64_t length) {
    const double tokens = std::max(static_cast<double>(length), rope.originalContext);
    const double stretch = rope.factor * tokens / rope.originalContext - (rope.factor - 1.0);
    const auto size = static_cast<double>(rope.dimensions);
    return rope.theta * std::pow(stretch, size / (size - 2.0));
}

// Share of interpolation of each pair: 0 up to the pair that turns fastRotations times within the
// training's context, 1 from the one that turns slowRotations times.
double yarnShare(const RopeSpec& rope, std::size_t pair) {
    const auto size = static_cast<double>(rope.dimensions);
    const auto pairThatTurns = [&](double rotations) {
        return size * std::log(rope.originalContext / (rotations * 2.0 * std::numbers::pi)) /
               (2.0 * std::log(rope.theta));
    };
    double low = pairThatTurns(rope.fastRotations);
    double high = pairThatTurns(rope.slowRotations);
    if (rope.roundsRamp) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, size - 1.0);
    if (low == high) high += 0.001;  // as the reference implementation avoids the division by zero
    return std::clamp((static_cast<double>(pair) - low) / (high - low), 0.0, 1.0);
}

double scaledFrequency(const RopeSpec& rope, std::size_t pair, std::int64_t length) {
    const double frequency = plainFrequency(rope, rope.theta, pair);
    switch (rope.scaling) {
        case RopeScaling::None:
            return frequency;
        case RopeScaling::Linear:
            return frequency / rope.factor;
        case RopeScaling::Dynamic:
            return plainFrequency(rope, dynamicTheta(rope, length), pair);
        case RopeScaling::Llama3:
            return llama3Frequency(rope, frequency);
        case RopeScaling::Yarn: {
            const double share = yarnShare(rope, pair);
            return frequency * (share / rope.factor + (1.0 - share));
        }
        case RopeScaling::LongRope: {
            const bool isLong = static_cast<double>(length) > rope.originalContext;
            return frequency / (isLong ? rope.longFactors : rope.shortFactors)[pair];
        }
    }
    return frequency;
}

}  // namespace

std::vector<double> inverseFrequencies(const RopeSpec& rope, std::int64_t length) {
    std::vector<double> out;
    for (std::size_t pair = 0; pair < static_cast<std::size_t>(rope.dimensions / 2); ++pair) {
        out.push_back(scaledFrequency(rope, pair, length));
    }
    return out;
}

bool outgrowsCache(const RopeSpec& rope, std::int64_t seen, std::int64_t length) {
    return rope.scaling == RopeScaling::LongRope &&
           static_cast<double>(seen) <= rope.originalContext &&
           static_cast<double>(length) > rope.originalContext;
}

RopeTable makeRopeTable(const RopeSpec& rope, const at::Tensor& positions, std::int64_t length,
                        at::ScalarType compute) {
    const at::ScalarType wide = compute == at::kDouble ? at::kDouble : at::kFloat;
    const at::Tensor frequencies = at::tensor(inverseFrequencies(rope, length), at::kDouble);
    const at::Tensor half = positions.to(wide).unsqueeze(-1) * frequencies.to(wide);
    const at::Tensor angles = at::cat({half, half}, -1).unsqueeze(1);  // [B, 1, T, dims]
    at::Tensor cosine = angles.cos();
    at::Tensor sine = angles.sin();
    if (rope.attentionFactor != 1.0) {
        cosine = cosine * rope.attentionFactor;
        sine = sine * rope.attentionFactor;
    }
    return {cosine.to(compute), sine.to(compute)};
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
