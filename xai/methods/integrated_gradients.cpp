// Integrated Gradients (Sundararajan et al. 2017, equation 1) over token embeddings, or over a site
// between the values that it has for the baseline and for the input.
#include "xai/methods/methods.h"
#include "xai/methods/path.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 9> kTable = {
    {kNodesParameter, kRuleParameter, kWeightsParameter, kToleranceParameter, kMostNodesParameter,
     kBaselineParameter, kSpecialParameter, kReduceParameter, kNormaliseParameter}};

constexpr std::array<ParameterInfo, 11> kLayerTable = {
    {kLayerParameter, kSiteParameter, kNodesParameter, kRuleParameter, kWeightsParameter,
     kToleranceParameter, kMostNodesParameter, kBaselineParameter, kSpecialParameter,
     kReduceParameter, kNormaliseParameter}};

Attribution explainPath(const MethodInput& in, const ParameterSet& settings, Scorer& scorer,
                        const Place& place, const RunContext& context) {
    const Baseline baseline = makeBaseline(
        in, settings.text("baseline"), settings.text("special") == "keep", scorer, place.text());
    Line line;
    line.start = place.at(baseline.input);
    line.difference = place.here() - line.start;
    const double tolerance = settings.number("tolerance");
    const PathIntegral path =
        tolerance > 0.0 ? integrateAdaptively(place, line, tolerance,
                                              settings.integer("most_nodes"), in.batch, context)
                        : integrate(place, line,
                                    makeQuadrature(settings.text("rule"), settings.integer("nodes"),
                                                   settings.text("weights")),
                                    in.batch, context);
    Attribution out;
    out.baseline = baseline.said;
    out.warnings = baseline.warnings;
    const double total =
        setVectorScores(out, place, path.gradient * line.difference.to(at::kDouble), settings);
    setCompleteness(out, total, path.startValue, path.endValue);
    if (path.piecewiseGap && *path.piecewiseGap > tolerance) {
        out.hasConverged = false;
        out.warnings.push_back("adaptive nodes gave up behind " + std::to_string(path.nodes) +
                               ": the tolerance is not reached; use another baseline, a larger "
                               "tolerance, most_nodes, or --compute float64");
    }
    out.evaluations = scorer.evaluations();
    labelGradient(out, in.model);
    return out;
}

}  // namespace

const std::span<const ParameterInfo> kIntegratedGradientsParameters = kTable;
const std::span<const ParameterInfo> kLayerIntegratedGradientsParameters = kLayerTable;

Attribution explainByIntegratedGradients(const MethodInput& in, const ParameterSet& settings,
                                         const RunContext& context) {
    Scorer scorer = scorerOf(in, context);
    return explainPath(in, settings, scorer, Place::embeddings(scorer, idsOf(in.input)), context);
}

Attribution explainByLayerIntegratedGradients(const MethodInput& in, const ParameterSet& settings,
                                              const RunContext& context) {
    Scorer scorer = scorerOf(in, context);
    const SiteId site = siteOf(settings, in.model);
    return explainPath(in, settings, scorer, Place::site(scorer, site, idsOf(in.input)), context);
}

}  // namespace driftlens
