// Integrated Gradients (Sundararajan et al. 2017, equation 1) over token embeddings, or over a site
// between the values that it has for the baseline and for the input.
#include "xai/methods/methods.h"
#include "xai/methods/path.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 10> kTable = {
    {kNodesParameter, kRuleParameter, kWeightsParameter, kToleranceParameter, kMostNodesParameter,
     kBaselineParameter, kSpecialParameter, kReduceParameter, kNormaliseParameter,
     kAnswerTokensParameter}};

constexpr std::array<ParameterInfo, 12> kLayerTable = {
    {kLayerParameter, kSiteParameter, kNodesParameter, kRuleParameter, kWeightsParameter,
     kToleranceParameter, kMostNodesParameter, kBaselineParameter, kSpecialParameter,
     kReduceParameter, kNormaliseParameter, kAnswerTokensParameter}};

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
    const std::vector<double> totals =
        setVectorScores(out, place, path.gradients * line.difference.to(at::kDouble), settings);
    setCompleteness(out, totals, path.startValues, path.endValues);
    if (path.piecewiseGap && *path.piecewiseGap > tolerance) {
        out.hasConverged = false;
        out.warnings.push_back("adaptive nodes gave up behind " + std::to_string(path.nodes) +
                               ": the tolerance is not reached; use another baseline, a larger "
                               "tolerance, most_nodes, or --compute float64");
    }
    finish(out, in, scorer, path.endValues);
    return out;
}

}  // namespace

const std::span<const ParameterInfo> kIntegratedGradientsParameters = kTable;
const std::span<const ParameterInfo> kLayerIntegratedGradientsParameters = kLayerTable;

Attribution explainByIntegratedGradients(const MethodInput& in, const ParameterSet& settings,
                                         const RunContext& context) {
    Scorer scorer = columnScorerOf(in, settings, context);
    return explainPath(in, settings, scorer, Place::embeddings(scorer, idsOf(in.input)), context);
}

Attribution explainByLayerIntegratedGradients(const MethodInput& in, const ParameterSet& settings,
                                              const RunContext& context) {
    Scorer scorer = columnScorerOf(in, settings, context);
    const SiteId site = siteOf(settings, in.model);
    return explainPath(in, settings, scorer, Place::site(scorer, site, idsOf(in.input)), context);
}

}  // namespace driftlens
