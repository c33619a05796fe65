// Layer conductance (Dhamdhere et al. 2019): how much of the change along the input's path flows
// through each entry of a site: ∫ ∂F/∂h · dh.
#include "xai/methods/methods.h"
#include "xai/methods/path.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 9> kTable = {{
    kLayerParameter,
    kSiteParameter,
    kNodesParameter,
    {"convention", ParameterKind::Choice, "trapezoid", 0, 0, "trapezoid|captum",
     "trapezoid: mean of the gradients at both ends of every step, evenly spaced; captum: gradient "
     "at its first end, at nodes + 1 nodes of `rule`"},
    kRuleParameter,
    kBaselineParameter,
    kSpecialParameter,
    kReduceParameter,
    kNormaliseParameter,
}};

std::vector<double> nodesOf(const ParameterSet& settings) {
    const std::int64_t steps = settings.integer("nodes");
    const bool isCaptum = settings.text("convention") == "captum";
    return makeQuadrature(isCaptum ? settings.text("rule") : "riemann_trapezoid", steps + 1).nodes;
}

}  // namespace

const std::span<const ParameterInfo> kLayerConductanceParameters = kTable;

Attribution explainByLayerConductance(const MethodInput& in, const ParameterSet& settings,
                                      const RunContext& context) {
    Scorer scorer = scorerOf(in, context);
    const Place place = Place::site(scorer, siteOf(settings, in.model), idsOf(in.input));
    const Baseline baseline = makeBaseline(
        in, settings.text("baseline"), settings.text("special") == "keep", scorer, place.text());
    const at::Tensor start = baseline.input.flat();
    const Line line = {start, place.text().flat() - start};
    const std::vector<double> nodes = nodesOf(settings);
    const bool isCaptum = settings.text("convention") == "captum";

    // Steps lie between neighbouring nodes, so the last node of a batch is kept for the next.
    at::Tensor parts = at::zeros(place.here().sizes(), at::kDouble);
    at::Tensor previousHere, previousGradient;  // float64 [1, size]
    const auto count = static_cast<std::int64_t>(nodes.size());
    for (std::int64_t first = 0; first < count; first += in.batch) {
        const std::int64_t rows = std::min(in.batch, count - first);
        const at::Tensor alpha = at::tensor(nodes, at::kDouble).narrow(0, first, rows);
        const Place::SitePoints points = place.gradientsFor(place.text().like(line.at(alpha)));
        at::Tensor here = points.here.to(at::kDouble);
        at::Tensor gradient = points.found.gradients.to(at::kDouble);
        if (previousHere.defined()) {
            here = at::cat({previousHere, here});
            gradient = at::cat({previousGradient, gradient});
        }
        const std::int64_t steps = here.size(0) - 1;
        const at::Tensor before = gradient.narrow(0, 0, steps);
        const at::Tensor weight = isCaptum ? before : 0.5 * (before + gradient.narrow(0, 1, steps));
        const at::Tensor moved = here.narrow(0, 1, steps) - here.narrow(0, 0, steps);
        parts += (weight * moved).sum(0, /*keepdim=*/true);
        previousHere = here.narrow(0, steps, 1);
        previousGradient = gradient.narrow(0, steps, 1);
        context.checkpoint(static_cast<double>(first + rows) / static_cast<double>(count),
                           "layer_conductance");
    }
    Attribution out;
    out.baseline = baseline.said;
    out.warnings = baseline.warnings;
    const double total = setVectorScores(out, place, parts, settings);
    setCompleteness(out, total, scorer.valuesOf(baseline.input, false).item<double>(),
                    scorer.valuesOf(place.text(), false).item<double>());
    out.evaluations = scorer.evaluations();
    labelGradient(out, in.model);
    return out;
}

}  // namespace driftlens
