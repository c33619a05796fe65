// Attention, activations and token predictions of two models on one text.
#include "core/base/error.h"
#include "core/model/model.h"
#include "engine/compare/prepare.h"
#include "engine/compare/structure_drift.h"
#include "engine/compare/structure_json.h"
#include "engine/compare/token_outcomes.h"
#include "xai/targets/scorer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftlens {
namespace {

const std::string kClassifier = "samples/sentiment-bert-mini";
const std::string kCausal = "samples/retrieval-llama-mini";
const std::string kBoxes = "box A holds a lamp . box B holds a coin . box A holds a";
constexpr std::uint64_t kEnough = 1 << 30;

LoadedVariant loaded(const std::string& spec) {
    return VariantLoader().load(VariantSpec::parse(spec), {}, false, {});
}

TokenizedInput inputFor(const LoadedVariant& model, const std::string& text) {
    PromptRequest request;
    request.prompt = text;
    return tokenizeRequest(model, request);
}

StructureDrift driftTo(const std::string& variant, std::uint64_t memory = kEnough) {
    const LoadedVariant base = loaded(kClassifier), other = loaded(variant);
    const TokenizedInput input = inputFor(base, "The film was not bad at all");
    return ReferenceInsides(base, input, ComputeType::Float32, memory, {})
        .against(other, inputFor(other, "The film was not bad at all"), {});
}

TEST(Insides, OfAModelBesideItselfDoNotMove) {
    const StructureDrift same = driftTo(kClassifier);
    ASSERT_FALSE(same.heads.empty());
    for (const HeadChange& head : same.heads) {
        EXPECT_EQ(*head.js.value, 0.0);
        EXPECT_EQ(*head.entropyChange.value, 0.0);
    }
    for (const SiteChange& site : same.sites) {
        EXPECT_EQ(*site.relativeFrobenius.value, 0.0) << site.site;
        EXPECT_NEAR(*site.linearCka.value, 1.0, 1e-12) << site.site;
    }
    EXPECT_NEAR(*same.rolloutSimilarity.value, 1.0, 1e-12);
}

TEST(Insides, HaveARowPerHeadAndSite) {
    const LoadedVariant base = loaded(kClassifier);
    const StructureDrift found = driftTo(kClassifier + "@int3:group=32");
    std::size_t heads = 0;
    for (const BlockSpec& block : base.model->spec().blocks)
        heads += static_cast<std::size_t>(block.heads);
    EXPECT_EQ(found.heads.size(), heads);
    EXPECT_EQ(found.sites.size(), 1 + 3 * base.model->spec().blocks.size());
    EXPECT_EQ(found.sites[0].module, "embeddings");
    EXPECT_EQ(found.sites.back().site,
              "blocks." + std::to_string(base.model->spec().blocks.size() - 1) + ".resid_out");
    for (const SiteChange& site : found.sites) {
        if (site.module == "embeddings") continue;
        EXPECT_GT(*site.relativeFrobenius.value, 0.0) << site.site;
        EXPECT_NEAR(*site.sqnrDecibel.value, -20.0 * std::log10(*site.relativeFrobenius.value),
                    1e-9);
    }
}

TEST(Insides, SayWhyTheyAreNotCompared) {
    EXPECT_NE(driftTo(kClassifier, 100).reason.find("more than"), std::string::npos);
    const LoadedVariant base = loaded(kClassifier);
    const ReferenceInsides insides(base, inputFor(base, "The film"), ComputeType::Float32, kEnough,
                                   {});
    EXPECT_NE(insides.against(base, inputFor(base, "The room was dull"), {}).reason.find("tokens"),
              std::string::npos);
}

TEST(Insides, ReadBackFromARecordToTheBit) {
    StructureDrift found = driftTo(kClassifier + "@int4:group=32");
    found.heads[0].js = undefinedFigure("absent");
    const Json record = structureRecord(found);
    EXPECT_EQ(structureRecord(readStructure(parseJson(canonicalJson(record), "record"), "record")),
              record);
    EXPECT_TRUE(toJson(found)["heads"][0]["js"].is_null());
}

// Longer than a piece, so that the cache carries on; beside one pass over the whole text.
TEST(TokenOutcomes, AreThoseOfOnePassOverTheText) {
    const LoadedVariant base = loaded(kCausal), other = loaded(kCausal + "@int4:group=32");
    std::string text = kBoxes;
    while (inputFor(base, text).tokens.size() < 60) text += " lamp . box B holds a";
    const std::vector<std::int64_t> ids = inputFor(base, text).ids();
    const auto found = tokenOutcomes(*base.model, *other.model, ids, ComputeType::Float64, {}, 16);
    ASSERT_EQ(found.size(), ids.size() - 1);
    const auto logsOf = [&](const LoadedVariant& model) {
        ForwardInput input;
        input.ids = at::tensor(ids, at::kLong).unsqueeze(0);
        ForwardRequest request;
        request.compute = at::kDouble;
        return at::log_softmax(model.model->forward(input, request, {}, {}).logits[0], -1);
    };
    const at::Tensor p = logsOf(base), q = logsOf(other);
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto row = static_cast<std::int64_t>(i);
        EXPECT_NEAR(found[i].referenceLog, p[row][ids[i + 1]].item<double>(), 1e-10);
        EXPECT_NEAR(found[i].variantLog, q[row][ids[i + 1]].item<double>(), 1e-10);
        const double kl = (p[row].exp() * (p[row] - q[row])).sum().item<double>();
        EXPECT_NEAR(found[i].kl, kl, 1e-10);
    }
}

}  // namespace
}  // namespace driftlens
