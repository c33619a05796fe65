// Sequential Integrated Gradients (Enguehard 2023): each token moves from the baseline alone, the
// others stay as they are. Σ over the hidden axis is then exactly what occluding the token changes;
// the quadrature's error is the completeness gap, per token.
#include "core/base/error.h"
#include "xai/methods/methods.h"
#include "xai/methods/path.h"
#include "xai/methods/token_vectors.h"

#include <array>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 7> kTable = {
    {kNodesParameter,
     kRuleParameter,
     {"baseline", ParameterKind::Text, "mask", 0, 0, "zero, mean, pad, mask, unknown or token:ID",
      "embedding that takes the token's place"},
     kSpecialParameter,
     kReduceParameter,
     kNormaliseParameter,
     kAnswerTokensParameter}};

}  // namespace

const std::span<const ParameterInfo> kSequentialIgParameters = kTable;

Attribution explainBySequentialIg(const MethodInput& in, const ParameterSet& settings,
                                  const RunContext& context) {
    Scorer scorer = columnScorerOf(in, settings, context);
    const Place place = Place::embeddings(scorer, idsOf(in.input));
    const bool keepsSpecial = settings.text("special") == "keep";
    const Baseline baseline =
        makeBaseline(in, settings.text("baseline"), keepsSpecial, scorer, place.text());
    const Quadrature rule =
        makeQuadrature(settings.text("rule"), settings.integer("nodes"), "exact");
    const at::Tensor difference = place.here() - baseline.input.flat();
    const EmbeddedInput shape = place.text().like(difference);
    const std::int64_t tokens = shape.tokens.size(1);
    const std::int64_t virtualTokens =
        shape.virtualTokens.defined() ? shape.virtualTokens.size(1) : 0;

    Attribution out;
    out.baseline = baseline.said;
    out.warnings = baseline.warnings;
    at::Tensor parts = at::zeros({place.columns(), difference.size(1)}, at::kDouble);
    std::vector<double> largestGaps(static_cast<std::size_t>(place.columns()), 0.0);
    double largestChange = 0.0;
    for (std::int64_t unit = 0; unit < tokens + virtualTokens; ++unit) {
        // This unit's share of the difference; zero elsewhere.
        EmbeddedInput own = place.text().like(at::zeros_like(difference));
        const bool isToken = unit < tokens;
        const at::Tensor& from = isToken ? shape.tokens : shape.virtualTokens;
        at::Tensor& to = isToken ? own.tokens : own.virtualTokens;
        const std::int64_t column = isToken ? unit : unit - tokens;
        to.select(1, column).copy_(from.select(1, column));
        const at::Tensor step = own.flat();
        if (step.abs().max().item<double>() == 0.0) continue;
        const Line line = {place.here() - step, step};
        const PathIntegral path = integrate(place, line, rule, in.batch, {});
        const at::Tensor moved = path.gradients * step.to(at::kDouble);
        parts += moved;
        for (std::size_t c = 0; c < largestGaps.size(); ++c) {
            const double total = moved[static_cast<std::int64_t>(c)].sum().item<double>();
            const double change = path.endValues[c] - path.startValues[c];
            largestGaps[c] = std::max(largestGaps[c], std::abs(total - change));
            if (c == 0) largestChange = std::max(largestChange, std::abs(change));
        }
        context.checkpoint(
            static_cast<double>(unit + 1) / static_cast<double>(tokens + virtualTokens),
            "sequential_ig");
    }
    setVectorScores(out, place, parts, settings);
    out.completenessGap = largestGaps.front();
    for (std::size_t i = 0; i < out.answerTokens.size(); ++i)
        out.answerTokens[i].completenessGap = largestGaps[i + 1];
    if (largestGaps.front() > 0.05 * largestChange) {
        out.hasConverged = false;
        out.warnings.push_back(
            "the largest gap of a token is more than 5 % of the largest change; "
            "use more nodes");
    }
    finish(out, in, scorer, doublesOf(place.columnValues(place.here())));
    return out;
}

}  // namespace driftlens
