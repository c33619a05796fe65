// GradientSHAP: expected gradients (Erion et al. 2021) with uniform places on the path, as in
// Captum.
#include "core/base/text.h"
#include "xai/methods/methods.h"
#include "xai/methods/noise.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 9> kTable = {{
    {"samples", ParameterKind::Integer, "50", 2, 100000, "", "draws of a baseline and a place"},
    {"noise", ParameterKind::Number, "0", 0, 1e6, "",
     "standard deviation of noise on the input, in noise_unit"},
    {"noise_unit", ParameterKind::Choice, "rms", 0, 0, "rms|absolute",
     "rms: a share of the root mean square of the input's embeddings"},
    {"stratified", ParameterKind::Choice, "yes", 0, 0, "yes|no",
     "places spread evenly over the path (one in each of `samples` strata) instead of independent"},
    {"baseline", ParameterKind::Text, "zero", 0, 0,
     "zero, mean, pad, mask, unknown or token:ID; several with | between them",
     "embeddings that stand for nothing; each sample draws one"},
    kSpecialParameter,
    kReduceParameter,
    kNormaliseParameter,
    kAnswerTokensParameter,
}};

// α of each sample, float64 [samples].
at::Tensor drawAlphas(std::int64_t samples, bool isStratified, std::uint64_t seed) {
    std::vector<double> out;
    RandomStream draws(seed, "gradient_shap alpha");
    for (std::int64_t i = 0; i < samples; ++i) {
        const double uniform = draws.uniform();
        out.push_back(isStratified
                          ? (static_cast<double>(i) + uniform) / static_cast<double>(samples)
                          : uniform);
    }
    return at::tensor(out, at::kDouble);
}

std::vector<std::int64_t> drawBaselines(std::int64_t samples, std::size_t count,
                                        std::uint64_t seed) {
    std::vector<std::int64_t> out;
    RandomStream draws(seed, "gradient_shap baseline");
    for (std::int64_t i = 0; i < samples; ++i)
        out.push_back(static_cast<std::int64_t>(draws.below(count)));
    return out;
}

}  // namespace

const std::span<const ParameterInfo> kGradientShapParameters = kTable;

Attribution explainByGradientShap(const MethodInput& in, const ParameterSet& settings,
                                  const RunContext& context) {
    Scorer scorer = columnScorerOf(in, settings, context);
    const Place place = Place::embeddings(scorer, idsOf(in.input));
    Attribution out;
    std::vector<at::Tensor> baselines;
    for (const std::string& name : splitText(settings.text("baseline"), '|')) {
        const Baseline one =
            makeBaseline(in, name, settings.text("special") == "keep", scorer, place.text());
        baselines.push_back(one.input.flat());
        out.baseline += (out.baseline.empty() ? "" : " or ") + one.said;
        out.warnings.insert(out.warnings.end(), one.warnings.begin(), one.warnings.end());
    }
    const std::int64_t samples = settings.integer("samples");
    const at::Tensor table = at::cat(baselines);
    const at::Tensor drawn =
        at::tensor(drawBaselines(samples, baselines.size(), in.seed), at::kLong);
    double deviation = settings.number("noise");
    if (settings.text("noise_unit") == "rms") deviation *= rootMeanSquare(place.here());
    const GradientShapSamples found = gradientShapSamples(
        place, normalNoise(place, deviation, in.seed, "gradient_shap noise"),
        [&](std::int64_t first, std::int64_t rows) {
            return table.index_select(0, drawn.narrow(0, first, rows));
        },
        drawAlphas(samples, settings.text("stratified") == "yes", in.seed), in.batch, context);
    const std::vector<double> totals = setVectorScores(out, place, found.mean, settings);
    const std::vector<double> values = doublesOf(place.columnValues(place.here()));
    const auto gapOf = [&](std::size_t column) {
        return totals[column] - (values[column] - found.baselineValues[column]);
    };
    out.baselineValue = found.baselineValues.front();
    out.completenessGap = gapOf(0);
    for (std::size_t i = 0; i < out.answerTokens.size(); ++i)
        out.answerTokens[i].completenessGap = gapOf(i + 1);
    if (settings.text("reduce") == "sum" && settings.text("normalise") == "no")
        out.standardError = standardErrors(found.tokenSums);
    finish(out, in, scorer, values);
    return out;
}

}  // namespace driftlens
