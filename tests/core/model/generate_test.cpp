// Continuations: the chosen token, the batch, the cache, the end.
#include "core/model/generate.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftlens {
namespace {

// How often each token is chosen among many draws.
std::vector<double> sharesOf(const std::vector<double>& logits, const SamplingOptions& options) {
    constexpr int kDraws = 20000;
    std::vector<double> shares(logits.size(), 0.0);
    RandomStream stream(7, "shares");
    for (int i = 0; i < kDraws; ++i)
        shares[static_cast<std::size_t>(sampleToken(logits, options, stream.uniform()))] +=
            1.0 / kDraws;
    return shares;
}

// Five standard deviations of a share of 20,000 draws: 5 · sqrt(0.25 / 20000).
constexpr double kShareTolerance = 0.018;

void expectShares(const std::vector<double>& shares, const std::vector<double>& expected) {
    ASSERT_EQ(shares.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (expected[i] == 0.0) {
            EXPECT_EQ(shares[i], 0.0) << "token " << i;
        }
        EXPECT_NEAR(shares[i], expected[i], kShareTolerance) << "token " << i;
    }
}

const std::vector<double> kLogits = {std::log(1.0), std::log(4.0), std::log(2.0), std::log(1.0)};

TEST(Sampling, FollowsTheProbabilities) {
    expectShares(sharesOf(kLogits, {.temperature = 1.0}), {0.125, 0.5, 0.25, 0.125});
    // Half the temperature squares the ratios.
    expectShares(sharesOf(kLogits, {.temperature = 0.5}),
                 {1.0 / 22, 16.0 / 22, 4.0 / 22, 1.0 / 22});
}

TEST(Sampling, CutsToTheMostProbable) {
    expectShares(sharesOf(kLogits, {.temperature = 1.0, .topK = 2}), {0.0, 2.0 / 3, 1.0 / 3, 0.0});
    // 0.5 + 0.25 reach 0.6; 0.5 alone does not. Equals are kept by the lower id.
    expectShares(sharesOf(kLogits, {.temperature = 1.0, .topP = 0.6}),
                 {0.0, 2.0 / 3, 1.0 / 3, 0.0});
    expectShares(sharesOf(kLogits, {.temperature = 1.0, .topP = 0.8}),
                 {1.0 / 7, 4.0 / 7, 2.0 / 7, 0.0});
    // topP is a share of what topK leaves: 2/3 of it is the first alone.
    expectShares(sharesOf(kLogits, {.temperature = 1.0, .topK = 2, .topP = 0.6}),
                 {0.0, 1.0, 0.0, 0.0});
}

TEST(Sampling, IsGreedyAtTemperatureZeroWithTheLowerIdOfEquals) {
    const std::vector<double> logits = {1.0, 3.0, 3.0, -HUGE_VAL};
    EXPECT_EQ(sampleToken(logits, {}, 0.99), 1);
    EXPECT_THROW(sampleToken(std::vector<double>{1.0, std::nan("")}, {}, 0.0), Error);
}

TEST(Sampling, RefusesOptionsWithoutAMeaning) {
    EXPECT_THROW(checkSampling({.temperature = -1.0}), Error);
    EXPECT_THROW(checkSampling({.temperature = std::nan("")}), Error);
    EXPECT_THROW(checkSampling({.topK = -1}), Error);
    EXPECT_THROW(checkSampling({.topP = 0.0}), Error);
    EXPECT_THROW(checkSampling({.topP = 1.5}), Error);
}

class Generated : public ::testing::Test {
protected:
    static std::vector<std::int64_t> idsOf(const GeneratedTokens& tokens) { return tokens.ids; }

    std::vector<GeneratedTokens> run(std::vector<std::vector<std::int64_t>> prompts, bool useCache,
                                     double temperature = 1.0) const {
        GenerateRequest request;
        request.prompts = std::move(prompts);
        request.newTokens = 12;
        request.stopAtEnd = false;
        request.useCache = useCache;
        request.sampling = {.temperature = temperature, .seed = 5};
        request.compute = at::kDouble;  // so that a batch's roundings choose no other token
        return generate(*m_model, request, {});
    }

    const std::shared_ptr<const Model> m_model =
        loadModel(Checkpoint::open("samples/retrieval-llama-mini")).model;
    const std::vector<std::int64_t> m_long = {5, 9, 12, 7, 30, 8, 3};
    const std::vector<std::int64_t> m_short = {11, 4};
};

TEST_F(Generated, APromptGivesTheSameAloneAndPaddedInABatch) {
    const auto batch = run({m_short, m_long}, true);
    EXPECT_EQ(batch[0].ids, run({m_short}, true)[0].ids);
    EXPECT_EQ(batch[0].ids.size(), 12U);
    // The second prompt's draws are its own: it differs from the same prompt in the first place.
    EXPECT_EQ(run({m_long, m_long}, true)[1].ids, batch[1].ids);
    EXPECT_NE(run({m_long}, true)[0].ids, batch[1].ids);
}

TEST_F(Generated, TheCacheChangesNothing) {
    const auto cached = run({m_short, m_long}, true);
    const auto plain = run({m_short, m_long}, false);
    EXPECT_EQ(cached[0].ids, plain[0].ids);
    EXPECT_EQ(cached[1].ids, plain[1].ids);
}

TEST_F(Generated, EndsAtTheEndOfTheText) {
    const std::int64_t next = run({m_long}, true, 0.0)[0].ids[2];
    ModelSpec spec = m_model->spec();
    spec.endTokens = {0, next};
    const auto model = Model::make(spec, m_model->weights());
    GenerateRequest request;
    request.prompts = {m_long};
    const GeneratedTokens out = generate(*model, request, {})[0];
    EXPECT_EQ(out.reason, StopReason::EndOfText);
    EXPECT_EQ(out.ids.back(), next);
    EXPECT_LE(out.ids.size(), 3U);
}

TEST_F(Generated, EndsWhereThePositionsEnd) {
    ModelSpec spec = m_model->spec();
    spec.maxPositions = 9;
    const auto model = Model::make(spec, m_model->weights());
    GenerateRequest request;
    request.prompts = {m_long, m_short};
    request.newTokens = 5;
    request.stopAtEnd = false;
    const auto out = generate(*model, request, {});
    EXPECT_EQ(out[0].reason, StopReason::Context);
    EXPECT_EQ(out[0].ids.size(), 3U);  // 7 + 2 fill the context; the last one needs no position
    EXPECT_EQ(out[1].reason, StopReason::Length);
    request.prompts = {std::vector<std::int64_t>(10, 3)};
    EXPECT_THROW(generate(*model, request, {}), Error);
}

TEST_F(Generated, RefusesWhatCannotBeContinued) {
    GenerateRequest request;
    EXPECT_THROW(generate(*m_model, request, {}), Error);
    request.prompts = {{}};
    EXPECT_THROW(generate(*m_model, request, {}), Error);
    request.prompts = {{1}};
    EXPECT_THROW(
        generate(*loadModel(Checkpoint::open("samples/sentiment-bert-mini")).model, request, {}),
        Error);
}

// Phi-3 goes over to its long factors: the cache starts over, so cached equals uncached.
TEST_F(Generated, LongRopeStartsItsCacheOverWhereTheFactorsChange) {
    ModelSpec spec = m_model->spec();
    const auto pairs = static_cast<std::size_t>(spec.rope.dimensions / 2);
    spec.rope.scaling = RopeScaling::LongRope;
    spec.rope.originalContext = 12;
    spec.rope.shortFactors.assign(pairs, 1.0);
    spec.rope.longFactors.assign(pairs, 3.0);
    const auto model = Model::make(spec, m_model->weights());
    GenerateRequest request;
    request.prompts = {m_long};
    request.newTokens = 12;
    request.stopAtEnd = false;
    request.compute = at::kDouble;
    const auto cached = generate(*model, request, {})[0].ids;
    request.useCache = false;
    EXPECT_EQ(cached, generate(*model, request, {})[0].ids);
}

}  // namespace
}  // namespace driftlens
