// Attention, activations and token predictions of two models on one text.
#include "core/base/error.h"
#include "core/model/model.h"
#include "engine/compare/prepare.h"
#include "engine/compare/structure_drift.h"
#include "engine/compare/structure_json.h"
#include "engine/compare/token_outcomes.h"
#include "tests/support/program.h"
#include "xai/targets/scorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

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
    const ScratchFolder scratch;
    const auto log = AuditLog::openForWriting(scratch / "audit.db");
    const std::string run = log->startRun("compare", Json::object());
    log->addResult(run, structureRecord(*log, found));
    const Json record = log->records(run).back().body;
    const StructureDrift read = readStructure(*log, record, "record");
    EXPECT_EQ(toJson(read), toJson(found));
    EXPECT_TRUE(toJson(found)["heads"][0]["js"].is_null());
}

TEST(Insides, KeepTheMapsOfTheHeadThatChangedMost) {
    const StructureDrift found = driftTo(kClassifier + "@int3:group=32");
    ASSERT_TRUE(found.mostChanged);
    const HeadMaps& maps = *found.mostChanged;
    const auto most = std::max_element(
        found.heads.begin(), found.heads.end(),
        [](const HeadChange& a, const HeadChange& b) { return *a.js.value < *b.js.value; });
    EXPECT_EQ(maps.layer, most->layer);
    EXPECT_EQ(maps.head, most->head);
    ASSERT_EQ(maps.positions.size(), static_cast<std::size_t>(maps.keys));
    for (const std::vector<float>& map : {maps.reference, maps.variant}) {
        ASSERT_EQ(map.size(), maps.positions.size() * maps.positions.size());
        for (auto row = map.begin(); row != map.end(); row += maps.keys)
            EXPECT_NEAR(std::accumulate(row, row + maps.keys, 0.0), 1.0, 1e-5);
    }
    EXPECT_NE(maps.reference, maps.variant);
    EXPECT_FALSE(driftTo(kClassifier).mostChanged);  // nothing moved
}

// Only the first and the last keys of a long text are held.
TEST(Insides, KeepAsMuchOfALongTextAsAPageShows) {
    const LoadedVariant base = loaded(kCausal), other = loaded(kCausal + "@int4:group=32");
    std::string text = kBoxes;
    while (inputFor(base, text).tokens.size() < 60) text += " lamp . box B holds a";
    const TokenizedInput input = inputFor(base, text);
    const StructureDrift found =
        ReferenceInsides(base, input, ComputeType::Float32, kEnough, {}).against(other, input, {});
    ASSERT_TRUE(found.mostChanged);
    const HeadMaps& maps = *found.mostChanged;
    EXPECT_EQ(maps.keys, static_cast<std::int64_t>(input.tokens.size()));
    ASSERT_EQ(maps.positions.size(), 48U);
    EXPECT_EQ(maps.positions[15], 15);
    EXPECT_EQ(maps.positions[16], maps.keys - 32);
    EXPECT_EQ(maps.positions.back(), maps.keys - 1);
    EXPECT_EQ(maps.variant.size(), 48U * 48U);
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
