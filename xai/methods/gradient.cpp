// Saliency (Simonyan et al. 2014) and input × gradient (Shrikumar et al. 2017), over token
// embeddings; input × gradient also at a site.
#include "xai/methods/methods.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 3> kSaliencyTable = {
    {kReduceParameter, kNormaliseParameter, kAnswerTokensParameter}};

// The embeddings by default: `layer` counts for sites of a block alone.
constexpr ParameterInfo kEmbeddingsSite = {
    "site",
    ParameterKind::Text,
    "embeddings",
    0,
    0,
    "embeddings of the tokens, a site of the block `layer` (resid_out, …) or a full name",
    "place in the network"};
constexpr std::array<ParameterInfo, 5> kInputTimesGradientTable = {
    {kEmbeddingsSite, kLayerParameter, kReduceParameter, kNormaliseParameter,
     kAnswerTokensParameter}};

Attribution explainByGradient(const MethodInput& in, const ParameterSet& settings, Scorer& scorer,
                              const Place& place, bool timesInput) {
    std::vector<at::Tensor> rows;
    const at::Tensor values =
        place.visitGradients(place.here(), [&](std::int64_t, const at::Tensor& gradients) {
            rows.push_back(gradients.to(at::kDouble));
        });
    at::Tensor parts = at::cat(rows);
    if (timesInput) parts = parts * place.here().to(at::kDouble);
    Attribution out;
    out.baseline = "none";
    setVectorScores(out, place, parts, settings);
    finish(out, in, scorer, doublesOf(values));
    return out;
}

}  // namespace

const std::span<const ParameterInfo> kSaliencyParameters = kSaliencyTable;
const std::span<const ParameterInfo> kInputTimesGradientParameters = kInputTimesGradientTable;

Attribution explainBySaliency(const MethodInput& in, const ParameterSet& settings,
                              const RunContext& context) {
    Scorer scorer = columnScorerOf(in, settings, context);
    const Place place = Place::embeddings(scorer, idsOf(in.input));
    return explainByGradient(in, settings, scorer, place, false);
}

Attribution explainByInputTimesGradient(const MethodInput& in, const ParameterSet& settings,
                                        const RunContext& context) {
    Scorer scorer = columnScorerOf(in, settings, context);
    const at::Tensor ids = idsOf(in.input);
    const Place place = settings.text("site") == kEmbeddingsSite.fallback
                            ? Place::embeddings(scorer, ids)
                            : Place::site(scorer, siteOf(settings, in.model), ids);
    return explainByGradient(in, settings, scorer, place, true);
}

}  // namespace driftlens
