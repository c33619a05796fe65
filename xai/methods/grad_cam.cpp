// Grad-CAM (Selvaraju et al. 2017) on token sequences: the hidden axis is the channel, the tokens
// are the positions. weight_d = mean over tokens of ∂F/∂h_td; score_t = Σ_d weight_d h_td.
#include "xai/methods/methods.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 4> kTable = {{
    kLayerParameter,
    kSiteParameter,
    {"relu", ParameterKind::Choice, "no", 0, 0, "no|yes",
     "yes: negative scores become 0, as in the paper; no: they count against, as in Captum"},
    kAnswerTokensParameter,
}};

}  // namespace

const std::span<const ParameterInfo> kGradCamParameters = kTable;

Attribution explainByGradCam(const MethodInput& in, const ParameterSet& settings,
                             const RunContext& context) {
    Scorer scorer = columnScorerOf(in, settings, context);
    const Place place = Place::site(scorer, siteOf(settings, in.model), idsOf(in.input));
    const bool isClamped = settings.text("relu") == "yes";
    Attribution out;
    out.baseline = "none";
    const auto add = [&](std::int64_t column, const at::Tensor& seen, const at::Tensor& found) {
        const at::Tensor gradient = place.byColumn(found.to(at::kDouble));
        const at::Tensor here = place.byColumn(seen.to(at::kDouble));
        at::Tensor scores = (gradient.mean(0, /*keepdim=*/true) * here).sum(1);  // per token
        if (isClamped) scores = scores.clamp_min(0.0);
        Place::Columns columns = place.columnsOf(scores);
        if (column > 0) {
            out.answerTokens.emplace_back().scores = std::move(columns.tokens);
            return;
        }
        out.scores = std::move(columns.tokens);
        out.virtualScores = std::move(columns.virtualTokens);
    };
    finish(out, in, scorer, doublesOf(place.visitGradientsFor(place.text(), add)));
    return out;
}

}  // namespace driftlens
