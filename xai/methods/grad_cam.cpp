// Grad-CAM (Selvaraju et al. 2017) on token sequences: the hidden axis is the channel, the tokens
// are the positions. weight_d = mean over tokens of ∂F/∂h_td; score_t = Σ_d weight_d h_td.
#include "xai/methods/methods.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 3> kTable = {{
    kLayerParameter,
    kSiteParameter,
    {"relu", ParameterKind::Choice, "no", 0, 0, "no|yes",
     "yes: negative scores become 0, as in the paper; no: they count against, as in Captum"},
}};

}  // namespace

const std::span<const ParameterInfo> kGradCamParameters = kTable;

Attribution explainByGradCam(const MethodInput& in, const ParameterSet& settings,
                             const RunContext& context) {
    Scorer scorer = scorerOf(in, context);
    const Place place = Place::site(scorer, siteOf(settings, in.model), idsOf(in.input));
    const Place::SitePoints found = place.gradientsFor(place.text());
    const at::Tensor gradient = place.byColumn(found.found.gradients.to(at::kDouble));
    const at::Tensor here = place.byColumn(found.here.to(at::kDouble));
    at::Tensor scores = (gradient.mean(0, /*keepdim=*/true) * here).sum(1);  // [columns]
    if (settings.text("relu") == "yes") scores = scores.clamp_min(0.0);
    const Place::Columns columns = place.columnsOf(scores);
    Attribution out;
    out.baseline = "none";
    out.scores = columns.tokens;
    out.virtualScores = columns.virtualTokens;
    out.targetValue = found.found.values.item<double>();
    out.evaluations = scorer.evaluations();
    labelGradient(out, in.model);
    return out;
}

}  // namespace driftlens
