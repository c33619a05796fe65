// SmoothGrad (Smilkov et al. 2017), its squared form, and VarGrad (Adebayo et al. 2018): moments of
// another method over noisy copies of the embeddings.
#include "xai/methods/methods.h"
#include "xai/methods/noise.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr ParameterInfo kSamples = {"samples", ParameterKind::Integer, "50", 2, 100000,
                                    "",        "noisy copies"};
constexpr ParameterInfo kNoise = {
    "noise", ParameterKind::Number, "0.15", 0, 1e6, "", "standard deviation, in noise_unit"};
constexpr ParameterInfo kNoiseUnit = {
    "noise_unit",
    ParameterKind::Choice,
    "rms",
    0,
    0,
    "rms|absolute",
    "rms: a share of the root mean square of the input's embeddings"};
constexpr ParameterInfo kInner = {"inner",
                                  ParameterKind::Choice,
                                  "input_x_gradient",
                                  0,
                                  0,
                                  "saliency|input_x_gradient|integrated_gradients",
                                  "method that is averaged"};
constexpr ParameterInfo kSquare = {"square",
                                   ParameterKind::Choice,
                                   "no",
                                   0,
                                   0,
                                   "no|yes",
                                   "mean of squares instead of mean (SmoothGrad squared)"};

constexpr std::array<ParameterInfo, 12> kSmoothGradTable = {
    {kSamples, kNoise, kNoiseUnit, kInner, kSquare, kNodesParameter, kRuleParameter,
     kBaselineParameter, kSpecialParameter, kReduceParameter, kNormaliseParameter,
     kAnswerTokensParameter}};
constexpr std::array<ParameterInfo, 11> kVarGradTable = {
    {kSamples, kNoise, kNoiseUnit, kInner, kNodesParameter, kRuleParameter, kBaselineParameter,
     kSpecialParameter, kReduceParameter, kNormaliseParameter, kAnswerTokensParameter}};

InnerMethod innerOf(const std::string& name) {
    if (name == "saliency") return InnerMethod::Saliency;
    return name == "input_x_gradient" ? InnerMethod::InputTimesGradient
                                      : InnerMethod::IntegratedGradients;
}

enum class Moment { Mean, MeanOfSquares, Variance };

Attribution explainByMoment(const MethodInput& in, const ParameterSet& settings, Moment moment,
                            const RunContext& context) {
    Scorer scorer = columnScorerOf(in, settings, context);
    const Place place = Place::embeddings(scorer, idsOf(in.input));
    const InnerMethod inner = innerOf(settings.text("inner"));
    double deviation = settings.number("noise");
    if (settings.text("noise_unit") == "rms") deviation *= rootMeanSquare(place.here());
    Attribution out;
    at::Tensor start;
    out.baseline = "none";
    if (inner == InnerMethod::IntegratedGradients) {
        const Baseline baseline =
            makeBaseline(in, settings.text("baseline"), settings.text("special") == "keep", scorer,
                         place.text());
        start = baseline.input.flat();
        out.baseline = baseline.said;
        out.warnings = baseline.warnings;
    }
    // One name for both methods: SmoothGrad and VarGrad of one seed see the same noise.
    const NoisyMoments found = noisyMoments(
        place, settings.integer("samples"), normalNoise(place, deviation, in.seed, "smoothgrad"),
        inner, start, makeQuadrature(settings.text("rule"), settings.integer("nodes"), "exact"),
        in.batch, context);
    const at::Tensor parts = moment == Moment::Mean ? found.mean
                             : moment == Moment::MeanOfSquares
                                 ? found.meanOfSquares
                                 : found.meanOfSquares - found.mean.square();
    setVectorScores(out, place, parts, settings);
    if (moment == Moment::Mean && settings.text("reduce") == "sum" &&
        settings.text("normalise") == "no")
        out.standardError = standardErrors(found.tokenSums);
    finish(out, in, scorer, doublesOf(place.columnValues(place.here())));
    return out;
}

}  // namespace

const std::span<const ParameterInfo> kSmoothGradParameters = kSmoothGradTable;
const std::span<const ParameterInfo> kVarGradParameters = kVarGradTable;

Attribution explainBySmoothGrad(const MethodInput& in, const ParameterSet& settings,
                                const RunContext& context) {
    const bool isSquared = settings.text("square") == "yes";
    return explainByMoment(in, settings, isSquared ? Moment::MeanOfSquares : Moment::Mean, context);
}

Attribution explainByVarGrad(const MethodInput& in, const ParameterSet& settings,
                             const RunContext& context) {
    return explainByMoment(in, settings, Moment::Variance, context);
}

}  // namespace driftlens
