// Scores of each token of a continuation, from one call: what they must be, whatever the method.
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"
#include "xai/methods/method.h"
#include "xai/targets/target.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

using Given = std::map<std::string, std::string>;

constexpr const char* kText = "But I was not bored";

bool hasSetting(const MethodEntry& entry, std::string_view name) {
    return std::any_of(entry.parameters.begin(), entry.parameters.end(),
                       [&](const ParameterInfo& parameter) { return parameter.name == name; });
}

// A trained causal model, and the span that it continues the text with.
class Span {
public:
    explicit Span(const std::filesystem::path& folder, std::int64_t tokens = 4,
                  Quantity quantity = Quantity::LogProbability)
        : model(loadModel(Checkpoint::open(folder)).model),
          tokenizer(Tokenizer::load(folder)),
          input(tokenizer->encode(kText)) {
        TargetRequest request;
        request.text = "generated:" + std::to_string(tokens);
        request.quantity = quantity;
        target = resolveTarget(*model, *tokenizer, input, request, ComputeType::Float64, {});
    }

    // Any ids, of a model that need not have been trained.
    Span(const std::filesystem::path& folder, const std::vector<std::int64_t>& ids,
         const std::vector<std::int64_t>& answer)
        : model(loadModel(Checkpoint::open(folder)).model),
          tokenizer(Tokenizer::fromJson(
              R"({"version":"1.0","model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}})",
              "one word")) {
        for (const std::int64_t id : ids) {
            input.tokens.emplace_back();
            input.tokens.back().id = id;
        }
        target.kind = TargetKind::Continuation;
        target.continuation = answer;
    }

    Attribution explain(const MethodEntry& entry, Given settings, const Target& what,
                        const TokenizedInput& text, std::int64_t batch = 3) const {
        for (const ParameterInfo& parameter : entry.parameters) {
            if (parameter.name == "nodes") settings.try_emplace("nodes", "12");
            if (parameter.name == "samples" && parameter.high <= 1e5)
                settings.try_emplace("samples", "6");
            if (parameter.name == "unit") settings.try_emplace("unit", "token");
        }
        return runMethod(entry, settings,
                         {*model, *tokenizer, text, what, ComputeType::Float64, batch, 0, nullptr},
                         {});
    }
    // With the scores of each token, whether a setting asks for them or not.
    Attribution explain(const MethodEntry& entry, Given settings = {},
                        std::int64_t batch = 3) const {
        if (hasSetting(entry, "answer_tokens")) settings["answer_tokens"] = "yes";
        return explain(entry, settings, target, input, batch);
    }
    // The first so many tokens of the span alone.
    Target first(std::size_t tokens) const {
        Target out = target;
        out.continuation.resize(tokens);
        return out;
    }
    // The token as the next one behind the prompt and the answer's tokens before it, which no
    // baseline replaces.
    Attribution asNextToken(const MethodEntry& entry, const Given& settings,
                            std::size_t token) const {
        TokenizedInput text = input;
        for (std::size_t i = 0; i < token; ++i) {
            text.tokens.emplace_back();
            text.tokens.back().id = target.continuation[i];
            text.tokens.back().isSpecial = true;
        }
        Target next;
        next.quantity = target.quantity;
        next.id = target.continuation[token];
        return explain(entry, settings, next, text);
    }

    std::shared_ptr<const Model> model;
    std::shared_ptr<const Tokenizer> tokenizer;
    TokenizedInput input;
    Target target;
};

double largestOf(const std::vector<double>& values) {
    double out = 0.0;
    for (const double value : values) out = std::max(out, std::abs(value));
    return out;
}

// Of the first columns of both, by the size of what is compared.
void expectSame(const std::vector<double>& found, const std::vector<double>& wanted,
                const std::string& what) {
    ASSERT_LE(found.size(), wanted.size()) << what;
    const double tolerance = 1e-10 * std::max(1.0, largestOf(wanted));
    for (std::size_t i = 0; i < found.size(); ++i)
        EXPECT_NEAR(found[i], wanted[i], tolerance) << what << " [" << i << "]";
}

class AnswerTokens : public ::testing::TestWithParam<std::string> {
protected:
    const MethodEntry& entry() const { return methodNamed(GetParam()); }
    bool isOnRequest() const { return hasSetting(entry(), "answer_tokens"); }
};

TEST_P(AnswerTokens, HaveScoresIfTheRowClaimsThemAndTheyAreAskedFor) {
    REQUIRE_SHARED(folder, "data/trained/shakespeare-gpt2");
    const Span span(folder);
    if (!entry().explainsAnswerTokens) {
        EXPECT_FALSE(isOnRequest());
        return;
    }
    // Signed sums of gradients vanish behind a LayerNorm.
    const Given settings = GetParam() == "saliency" ? Given{{"reduce", "l2"}} : Given{};
    const Attribution found = span.explain(entry(), settings);
    ASSERT_EQ(found.answerTokens.size(), span.target.continuation.size());
    std::size_t withScores = 0;
    for (std::size_t i = 0; i < found.answerTokens.size(); ++i) {
        EXPECT_EQ(found.answerTokens[i].id, span.target.continuation[i]);
        EXPECT_FALSE(found.answerTokens[i].text.empty());
        EXPECT_EQ(found.answerTokens[i].scores.size(), found.scores.size());
        if (largestOf(found.answerTokens[i].scores) > 1e-6) ++withScores;
    }
    // ContextCite sets to 0 what is below its penalty.
    const bool isSparse = GetParam() == "context_cite";
    EXPECT_GE(withScores, isSparse ? 1U : found.answerTokens.size());
    // A single answer's are the scores themselves.
    EXPECT_TRUE(span.explain(entry(), isOnRequest() ? Given{{"answer_tokens", "yes"}} : Given{},
                             span.first(1), span.input)
                    .answerTokens.empty());
}

TEST_P(AnswerTokens, ChangeNothingElse) {
    REQUIRE_SHARED(folder, "data/trained/shakespeare-gpt2");
    if (!isOnRequest()) return;
    const Span span(folder);
    const Attribution with = span.explain(entry());
    const Attribution without = span.explain(entry(), {}, span.target, span.input);
    EXPECT_TRUE(without.answerTokens.empty());
    EXPECT_EQ(with.scores, without.scores);
    EXPECT_EQ(with.norms, without.norms);
    EXPECT_EQ(with.standardError, without.standardError);
    EXPECT_EQ(with.targetValue, without.targetValue);
    EXPECT_EQ(with.completenessGap, without.completenessGap);
    EXPECT_EQ(with.evaluations, without.evaluations);  // the same forward passes
    EXPECT_FALSE(without.figures.contains("backward_passes"));
    // One backward more for every token.
    const double each = with.figures.at("backward_passes") /
                        static_cast<double>(1 + span.target.continuation.size());
    EXPECT_EQ(each, std::floor(each));
    EXPECT_LE(each, static_cast<double>(with.evaluations));
}

// F of the span is the sum of F of its tokens, so that a method that is linear in F adds up.
TEST_P(AnswerTokens, AddUpWhereTheMethodIsLinear) {
    for (const std::string name : {"shakespeare-gpt2", "shakespeare-llama"}) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        if (!entry().explainsAnswerTokens || !entry().isLinear) return;
        const Span span(folder);
        const Attribution found = span.explain(entry());
        std::vector<double> sum(found.scores.size(), 0.0);
        double value = 0.0;
        for (const AnswerTokenScores& token : found.answerTokens) {
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += token.scores[i];
            value += token.value;
        }
        expectSame(sum, found.scores, name);
        EXPECT_NEAR(value, found.targetValue, 1e-10);
    }
}

// The first token is the next one behind the prompt alone; those that follow are what the span
// gains by them.
TEST_P(AnswerTokens, AreWhatTheyAreAsTargetsOfTheirOwn) {
    REQUIRE_SHARED(folder, "data/trained/shakespeare-gpt2");
    if (!entry().explainsAnswerTokens) return;
    const Span span(folder);
    const Attribution found = span.explain(entry());
    const std::size_t answers = found.answerTokens.size();
    // What a span's scores are multiples of: Grad-CAM's weights are means over all columns, those
    // of the answer's tokens too.
    const auto scaled = [&](std::vector<double> scores, std::size_t tokens) {
        const double prompt = static_cast<double>(span.input.tokens.size()) - 1.0;
        double scale = 1.0;
        if (GetParam() == "grad_cam")
            scale =
                (prompt + static_cast<double>(tokens)) / (prompt + static_cast<double>(answers));
        for (double& score : scores) score *= scale;
        return scores;
    };
    const Attribution next = span.asNextToken(entry(), {}, 0);
    EXPECT_NEAR(found.answerTokens[0].value, next.targetValue, 1e-10);
    std::vector<double> before = scaled(next.scores, 1);
    if (GetParam() != "context_cite")
        expectSame(found.answerTokens[0].scores, before, "next token");
    if (!entry().isLinear) return;
    for (std::size_t i = 1; i < answers; ++i) {
        const std::vector<double> upTo =
            scaled(span.explain(entry(), {}, span.first(i + 1), span.input).scores, i + 1);
        std::vector<double> gained = upTo;
        for (std::size_t t = 0; t < gained.size(); ++t) gained[t] -= before[t];
        expectSame(found.answerTokens[i].scores, gained, "token " + std::to_string(i));
        before = upTo;
    }
}

// Another batch shape changes them by rounding alone.
TEST_P(AnswerTokens, DoNotDependOnTheBatch) {
    REQUIRE_SHARED(folder, "data/trained/shakespeare-gpt2");
    if (!entry().explainsAnswerTokens) return;
    const Span span(folder);
    const Attribution one = span.explain(entry(), {}, 5), other = span.explain(entry(), {}, 64);
    for (std::size_t i = 0; i < one.answerTokens.size(); ++i)
        expectSame(one.answerTokens[i].scores, other.answerTokens[i].scores, std::to_string(i));
}

INSTANTIATE_TEST_SUITE_P(Registry, AnswerTokens, ::testing::ValuesIn([] {
                             std::vector<std::string> ids;
                             for (const MethodEntry& method : methods())
                                 ids.emplace_back(method.id);
                             return ids;
                         }()),
                         [](const auto& row) { return row.param; });

// Teacher-forced one by one: prompts that hold the answer's earlier tokens. Paths, norms and
// rollouts alike.
TEST(AnswerTokensOneByOne, AreNextTokensBehindTheAnswerSoFar) {
    const std::vector<std::pair<std::string, Given>> kCases = {
        {"attention", {}},
        {"attention_rollout", {}},
        {"attention_gradient", {}},
        {"saliency", {{"reduce", "l2"}}},
        {"saliency", {{"reduce", "l1"}}},
        {"input_x_gradient", {}},
        {"input_x_gradient", {{"site", "resid_out"}, {"layer", "0"}, {"reduce", "l2"}}},
        {"integrated_gradients", {}},
        {"integrated_gradients", {{"rule", "riemann_left"}, {"baseline", "mean"}}},
        {"integrated_gradients", {{"reduce", "l2"}, {"baseline", "mean"}}},
        {"layer_integrated_gradients", {{"site", "mlp.out"}}},
        {"sequential_ig", {{"baseline", "zero"}}},
        {"layer_conductance", {}},
        {"layer_conductance", {{"convention", "captum"}}},
        {"occlusion", {}},
    };
    for (const std::string name : {"shakespeare-gpt2", "shakespeare-llama"}) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        for (const Quantity quantity : {Quantity::LogProbability, Quantity::Probability}) {
            const Span span(folder, 4, quantity);
            for (const auto& [method, settings] : kCases) {
                const MethodEntry& entry = methodNamed(method);
                const Attribution found = span.explain(entry, settings);
                ASSERT_EQ(found.answerTokens.size(), 4U) << method;
                for (std::size_t i = 0; i < 4; ++i) {
                    const Attribution next = span.asNextToken(entry, settings, i);
                    const std::string what = name + " " + method + " " + std::to_string(i);
                    expectSame(found.answerTokens[i].scores, next.scores, what);
                    EXPECT_NEAR(found.answerTokens[i].value, next.targetValue, 1e-10) << what;
                }
            }
        }
    }
}

// A graph through packed weights is run backward once for every token.
TEST(AnswerTokensOneByOne, ComeThroughPackedWeights) {
    for (const std::string name : {"gptq/gpt2-4bit-g32-sym-v1", "gptq/llama-4bit-g32-asym-v1",
                                   "bnb/llama-nf4", "awq/llama-gemm-g32", "ct/w4a16-g32"}) {
        REQUIRE_SHARED(folder, "data/compressed/" + name);
        const Span span(folder, {5, 17, 2, 9, 11, 4}, {3, 8, 21});
        for (const std::string method : {"saliency", "integrated_gradients"}) {
            Given settings = {{"reduce", "l2"}};
            if (method == "integrated_gradients") settings["baseline"] = "mean";
            const Attribution found = span.explain(methodNamed(method), settings);
            ASSERT_EQ(found.answerTokens.size(), 3U) << name;
            for (std::size_t i = 0; i < 3; ++i)
                expectSame(found.answerTokens[i].scores,
                           span.asNextToken(methodNamed(method), settings, i).scores,
                           name + " " + method + " " + std::to_string(i));
        }
    }
}

// Each column of a complete method adds up to what its token's value changes by.
TEST(AnswerTokensOneByOne, SayHowCompleteTheyAre) {
    REQUIRE_SHARED(folder, "data/trained/shakespeare-gpt2");
    const Span span(folder);
    for (const MethodEntry& entry : methods()) {
        if (!entry.isComplete || !entry.explainsAnswerTokens) continue;
        const Attribution found = span.explain(entry);
        double gaps = 0.0;
        for (const AnswerTokenScores& token : found.answerTokens) {
            ASSERT_TRUE(token.completenessGap) << entry.id;
            gaps += *token.completenessGap;
        }
        EXPECT_NEAR(gaps, *found.completenessGap, 1e-9) << entry.id;
    }
}

// Adaptive nodes are put where the span needs them; its tokens have the same.
TEST(AnswerTokensOneByOne, ShareTheSpansAdaptiveNodes) {
    REQUIRE_SHARED(folder, "data/trained/shakespeare-gpt2");
    const Span span(folder);
    const MethodEntry& entry = methodNamed("integrated_gradients");
    const Attribution found = span.explain(entry, {{"tolerance", "1e-6"}});
    std::vector<double> sum(found.scores.size(), 0.0);
    double gaps = 0.0;
    for (const AnswerTokenScores& token : found.answerTokens) {
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += token.scores[i];
        gaps += *token.completenessGap;
    }
    expectSame(sum, found.scores, "adaptive");
    EXPECT_NEAR(gaps, *found.completenessGap, 1e-10);
    EXPECT_LE(std::abs(*found.completenessGap), 1e-6);
}

}  // namespace
}  // namespace driftlens
