// Layer conductance (Dhamdhere et al. 2019): how much of the change along the input's path flows
// through each entry of a site: ∫ ∂F/∂h · dh.
#include "xai/methods/methods.h"
#include "xai/methods/path.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 10> kTable = {{
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
    kAnswerTokensParameter,
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
    Scorer scorer = columnScorerOf(in, settings, context);
    const Place place = Place::site(scorer, siteOf(settings, in.model), idsOf(in.input));
    const Baseline baseline = makeBaseline(
        in, settings.text("baseline"), settings.text("special") == "keep", scorer, place.text());
    const at::Tensor start = baseline.input.flat();
    const Line line = {start, place.text().flat() - start};
    const std::vector<double> nodes = nodesOf(settings);
    const bool isCaptum = settings.text("convention") == "captum";

    // Steps lie between neighbouring nodes, so the last node of a batch is kept for the next.
    at::Tensor parts = at::zeros({place.columns(), place.here().size(1)}, at::kDouble);
    at::Tensor previousHere;                    // float64 [1, size]
    std::vector<at::Tensor> previousGradients;  // likewise, per column
    const auto count = static_cast<std::int64_t>(nodes.size());
    for (std::int64_t first = 0; first < count; first += in.batch) {
        const std::int64_t rows = std::min(in.batch, count - first);
        const at::Tensor alpha = at::tensor(nodes, at::kDouble).narrow(0, first, rows);
        at::Tensor here;
        std::vector<at::Tensor> lastGradients;
        const auto add = [&](std::int64_t column, const at::Tensor& seen, const at::Tensor& found) {
            at::Tensor gradient = found.to(at::kDouble);
            if (column == 0) here = seen.to(at::kDouble);
            if (column == 0 && previousHere.defined()) here = at::cat({previousHere, here});
            if (previousHere.defined()) {
                const at::Tensor& previous = previousGradients[static_cast<std::size_t>(column)];
                gradient = at::cat({previous, gradient});
            }
            const std::int64_t steps = here.size(0) - 1;
            const at::Tensor before = gradient.narrow(0, 0, steps);
            const at::Tensor weight =
                isCaptum ? before : 0.5 * (before + gradient.narrow(0, 1, steps));
            const at::Tensor moved = here.narrow(0, 1, steps) - here.narrow(0, 0, steps);
            parts.narrow(0, column, 1).add_((weight * moved).sum(0, /*keepdim=*/true));
            lastGradients.push_back(gradient.narrow(0, steps, 1).clone());
        };
        place.visitGradientsFor(place.text().like(line.at(alpha)), add);
        previousHere = here.narrow(0, here.size(0) - 1, 1);
        previousGradients = std::move(lastGradients);
        context.checkpoint(static_cast<double>(first + rows) / static_cast<double>(count),
                           "layer_conductance");
    }
    Attribution out;
    out.baseline = baseline.said;
    out.warnings = baseline.warnings;
    const std::vector<double> totals = setVectorScores(out, place, parts, settings);
    const auto valuesFor = [&](const EmbeddedInput& text) {
        return doublesOf(at::stack(scorer.columnsOf(text, false), 1));
    };
    const std::vector<double> values = valuesFor(place.text());
    setCompleteness(out, totals, valuesFor(baseline.input), values);
    finish(out, in, scorer, values);
    return out;
}

}  // namespace driftlens
