// Rotary keys of config.json.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/families/family.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace driftlens {
namespace {

constexpr double kLargest = 1e12;
constexpr double kSmallest = 1e-12;

// What a kind of scaling reads beside rope_theta.
struct RopeSource {
    const JsonObject& config;   // the whole config.json
    const JsonObject& scaling;  // rope_scaling or rope_parameters

    // A key of the model itself (Phi-3) goes before the one of the scaling.
    double originalContext() const {
        const double longest = config.number("max_position_embeddings", 1.0, kLargest, 2048.0);
        constexpr std::string_view kKey = "original_max_position_embeddings";
        return config.has(kKey) ? config.number(kKey, 1.0, kLargest)
                                : scaling.number(kKey, 1.0, kLargest, longest);
    }
    double longestContext() const {
        return config.number("max_position_embeddings", 1.0, kLargest, 2048.0);
    }
    // Where it is absent, the ratio of the longest text to those of the training.
    double factorOrRatio() const {
        return scaling.has("factor") ? scaling.number("factor", kSmallest, kLargest)
                                     : longestContext() / originalContext();
    }
};

void readLinear(const RopeSource& from, RopeSpec& rope) {
    rope.factor = from.scaling.number("factor", kSmallest, kLargest);
}

void readDynamic(const RopeSource& from, RopeSpec& rope) {
    rope.factor = from.scaling.number("factor", 1.0, kLargest);
    rope.originalContext = from.longestContext();
}

void readLlama3(const RopeSource& from, RopeSpec& rope) {
    rope.factor = from.scaling.number("factor", 1.0, kLargest);
    rope.lowFrequencyFactor = from.scaling.number("low_freq_factor", 1e-6, kLargest);
    rope.highFrequencyFactor = from.scaling.number("high_freq_factor", 1e-6, kLargest);
    rope.originalContext = from.originalContext();
    if (rope.highFrequencyFactor <= rope.lowFrequencyFactor) {
        throw Error(ErrorKind::InputFile,
                    from.scaling.what() + ": high_freq_factor must exceed low_freq_factor");
    }
}

// Magnitude of YaRN's attention (Peng et al. 2023, equation 22).
double yarnMagnitude(double factor, double scale) {
    return factor <= 1.0 ? 1.0 : 0.1 * scale * std::log(factor) + 1.0;
}

void readYarn(const RopeSource& from, RopeSpec& rope) {
    const JsonObject& scaling = from.scaling;
    rope.originalContext = from.originalContext();
    rope.factor = from.factorOrRatio();
    rope.fastRotations = scaling.number("beta_fast", kSmallest, kLargest, rope.fastRotations);
    rope.slowRotations = scaling.number("beta_slow", kSmallest, kLargest, rope.slowRotations);
    rope.roundsRamp = scaling.boolean("truncate", true);
    const double scale = scaling.number("mscale", 0.0, kLargest, 0.0);
    const double scaleAll = scaling.number("mscale_all_dim", 0.0, kLargest, 0.0);
    const bool hasScales = scale != 0.0 && scaleAll != 0.0;
    const double magnitude =
        hasScales ? yarnMagnitude(rope.factor, scale) / yarnMagnitude(rope.factor, scaleAll)
                  : yarnMagnitude(rope.factor, 1.0);
    rope.attentionFactor = scaling.number("attention_factor", 0.0, kLargest, magnitude);
}

std::vector<double> readFactors(const JsonObject& scaling, std::string_view key) {
    const Json* list = scaling.find(key);
    if (list == nullptr || !list->is_array()) {
        throw Error(ErrorKind::InputFile, scaling.what() + ": " + std::string(key) + " is no list");
    }
    std::vector<double> out;
    for (const Json& item : *list) {
        if (!item.is_number() || !(item.get<double>() >= kSmallest) ||
            item.get<double>() > kLargest) {
            throw Error(ErrorKind::InputFile,
                        scaling.what() + ": " + std::string(key) +
                            " has an entry that is no factor: " + item.dump());
        }
        out.push_back(item.get<double>());
    }
    return out;
}

void readLongRope(const RopeSource& from, RopeSpec& rope) {
    rope.originalContext = from.originalContext();
    rope.factor = from.factorOrRatio();
    rope.shortFactors = readFactors(from.scaling, "short_factor");
    rope.longFactors = readFactors(from.scaling, "long_factor");
    const double magnitude =
        rope.factor <= 1.0
            ? 1.0
            : std::sqrt(1.0 + std::log(rope.factor) / std::log(rope.originalContext));
    rope.attentionFactor = from.scaling.number("attention_factor", 0.0, kLargest, magnitude);
}

struct ScalingRow {
    std::string_view name;  // "rope_type", in old files "type"
    RopeScaling scaling;
    void (*read)(const RopeSource& from, RopeSpec& rope);
};

constexpr std::array<ScalingRow, 7> kScalings = {
    {{"default", RopeScaling::None, nullptr},
     {"linear", RopeScaling::Linear, &readLinear},
     {"dynamic", RopeScaling::Dynamic, &readDynamic},
     {"yarn", RopeScaling::Yarn, &readYarn},
     {"llama3", RopeScaling::Llama3, &readLlama3},
     {"longrope", RopeScaling::LongRope, &readLongRope},
     // Phi-3's first name of it
     {"su", RopeScaling::LongRope, &readLongRope}}};

const ScalingRow& scalingRow(const JsonObject& scaling) {
    std::string kind = scaling.string("rope_type", scaling.string("type", "default"));
    // Phi-3's files say yarn and mean the lists they bring.
    if (kind == "yarn" && scaling.has("short_factor")) kind = "longrope";
    std::string known;
    for (const ScalingRow& row : kScalings) {
        if (row.name == kind) return row;
        known += (known.empty() ? "" : ", ") + std::string(row.name);
    }
    throw Error(ErrorKind::Unsupported, scaling.what() + ": rope_type " + inQuotes(kind) +
                                            " is not supported; supported: " + known);
}

}  // namespace

RopeSpec readRope(const JsonObject& config, std::int64_t headDim, const RopeDefaults& defaults) {
    RopeSpec rope;
    rope.theta = config.number(defaults.thetaKey, 0.0, kLargest, defaults.theta);
    const bool rotatesPart = !defaults.shareKey.empty();
    double share = 1.0;
    if (rotatesPart) share = config.number(defaults.shareKey, 0.0, 1.0, defaults.rotaryShare);
    const bool isNew = config.has("rope_parameters");
    const std::string_view key = isNew ? "rope_parameters" : "rope_scaling";
    if (config.has(key) && (isNew || defaults.readsScaling)) {
        JsonObject scaling = config.object(key);
        if (!defaults.layerType.empty() && scaling.has(defaults.layerType)) {
            scaling = scaling.object(defaults.layerType);
        }
        rope.theta = scaling.number("rope_theta", 0.0, kLargest, rope.theta);
        if (rotatesPart) share = scaling.number("partial_rotary_factor", 0.0, 1.0, share);
        const ScalingRow& row = scalingRow(scaling);
        rope.scaling = row.scaling;
        if (row.read != nullptr) row.read({config, scaling}, rope);
    }
    rope.dimensions = static_cast<std::int64_t>(share * static_cast<double>(headDim));
    return rope;
}

}  // namespace driftlens
