// Every row of the method table keeps what it claims, on a trained model.
#include "core/base/error.h"
#include "core/files/checkpoint.h"
#include "core/model/adapter.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"
#include "xai/methods/method.h"
#include "xai/targets/target.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace driftlens {
namespace {

class EveryMethod : public ::testing::TestWithParam<std::string> {};

constexpr const char* kText = "It is pure trash , but I was not bored at all";
constexpr const char* kShortText = "But I was not bored";  // for what takes 2^tokens evaluations

const char* textFor(const std::string& method) {
    return method == "shapley_exact" ? kShortText : kText;
}

// Fewer evaluations than a user would want; sentences would leave one player.
std::string testSetting(const ParameterInfo& parameter) {
    if (parameter.name == "nodes") return "20";
    if (parameter.name == "samples" && parameter.high > 1e5) return "80";
    if (parameter.name == "unit") return "token";
    return std::string(parameter.fallback);
}

// A trained model with everything that a method may ask for.
class Fixture {
public:
    explicit Fixture(const std::filesystem::path& folder)
        : model(loadModel(Checkpoint::open(folder)).model),
          tokenizer(Tokenizer::load(folder)),
          input(tokenizer->encode(textFor(EveryMethod::GetParam()))) {
        const auto texts = [&](std::initializer_list<const char*> words) {
            std::vector<std::vector<std::int64_t>> out;
            for (const char* word : words)
                out.push_back(tokenizer->encode("it was " + std::string(word)).ids());
            return out;
        };
        m_concepts.concepts = {{"praise", texts({"good", "great", "fine", "lovely", "best"})}};
        m_concepts.randomSets = {{"random 1", texts({"a", "the", "king", "in", "blood"})},
                                 {"random 2", texts({"of", "on", "night", "who", "then"})}};
    }

    Target target(ComputeType compute = ComputeType::Float64) const {
        return resolveTarget(*model, *tokenizer, input, {}, compute, {});
    }
    Attribution explain(const std::string& method, const Target& what, std::int64_t batch = 4,
                        std::uint64_t seed = 0, const Model* other = nullptr) const {
        const MethodEntry& entry = methodNamed(method);
        std::map<std::string, std::string> settings;
        for (const ParameterInfo& parameter : entry.parameters)
            settings[std::string(parameter.name)] = testSetting(parameter);
        return runMethod(entry, settings,
                         {other == nullptr ? *model : *other, *tokenizer, input, what,
                          ComputeType::Float64, batch, seed, &m_concepts},
                         {});
    }
    bool canExplain(const MethodEntry& entry) const {
        return entry.whyNot == nullptr || entry.whyNot(*model).empty();
    }

    std::shared_ptr<const Model> model;
    std::shared_ptr<const Tokenizer> tokenizer;
    TokenizedInput input;

private:
    ConceptQuestion m_concepts;
};

const std::vector<std::string> kModels = {"sentiment-bert", "shakespeare-gpt2"};

double total(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

void expectNear(const std::vector<double>& found, const std::vector<double>& wanted,
                double tolerance, const std::string& what) {
    ASSERT_EQ(found.size(), wanted.size()) << what;
    for (std::size_t i = 0; i < found.size(); ++i)
        EXPECT_NEAR(found[i], wanted[i], tolerance) << what << " [" << i << "]";
}

TEST_P(EveryMethod, KeepsItsClaims) {
    const MethodEntry& entry = methodNamed(GetParam());
    EXPECT_FALSE(entry.title.empty() || entry.paper.empty() || entry.definition.empty() ||
                 entry.cost.empty() || entry.caveats.empty() || entry.summary.empty());
    for (const std::string& name : kModels) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        const Fixture fixture(folder);
        const Target target = fixture.target();
        if (!fixture.canExplain(entry)) {
            EXPECT_THROW(fixture.explain(GetParam(), target), Error) << name;
            continue;
        }
        const Attribution wide = fixture.explain(GetParam(), target);
        EXPECT_EQ(wide.settings.size(), entry.parameters.size());
        EXPECT_EQ(wide.scores.size(), entry.explainsParts && !wide.parts.empty()
                                          ? wide.parts.size()
                                          : fixture.input.tokens.size());
        EXPECT_EQ(entry.needsGradients, wide.gradient != GradientKind::None);
        EXPECT_GT(wide.evaluations, 0);
        if (entry.isComplete) {
            const double change = wide.targetValue - *wide.baselineValue;
            EXPECT_NEAR(total(wide.scores) - change, *wide.completenessGap, 1e-12);
            EXPECT_LE(std::abs(*wide.completenessGap), 1e-2 * std::abs(change) + 1e-6);
        }
        EXPECT_EQ(fixture.explain(GetParam(), target).scores, wide.scores);
        // Another batch shape changes float64 results by rounding alone.
        expectNear(fixture.explain(GetParam(), target, 3).scores, wide.scores, 1e-10, name);
        const bool isOther = fixture.explain(GetParam(), target, 4, 1).scores != wide.scores;
        EXPECT_EQ(isOther, !entry.isDeterministic) << "seed 1, " << name;
    }
}

// Sundararajan et al. 2017, section 2.3: networks that compute the same have the same attributions.
// Here the hidden units of an MLP change places.
TEST_P(EveryMethod, DoesNotSeeHowTheFunctionIsImplemented) {
    for (const std::string& name : kModels) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        const Fixture fixture(folder);
        if (!fixture.canExplain(methodNamed(GetParam()))) continue;
        ModelWeights swapped;
        const auto& linears = fixture.model->weights().linears;
        const auto& up = linears.at("blocks.0.mlp.up_proj");
        const auto& down = linears.at("blocks.0.mlp.down_proj");
        const at::Tensor order = at::arange(up->info().outFeatures, at::kLong).flip(0);
        swapped.linears["blocks.0.mlp.up_proj"] = makeDenseLinear(
            up->dense(at::kFloat).index_select(0, order),
            up->bias().defined() ? up->bias().index_select(0, order) : at::Tensor());
        swapped.linears["blocks.0.mlp.down_proj"] =
            makeDenseLinear(down->dense(at::kFloat).index_select(1, order), down->bias());
        const auto other = fixture.model->with(swapped);
        const Target target = fixture.target();
        expectNear(fixture.explain(GetParam(), target, 4, 0, other.get()).scores,
                   fixture.explain(GetParam(), target).scores, 1e-9, name);
    }
}

// Section 2.4, linearity: a contrast of logits is explained by the difference of explanations.
TEST_P(EveryMethod, IsLinearWhereItClaimsSo) {
    for (const std::string& name : kModels) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        const Fixture fixture(folder);
        const MethodEntry& entry = methodNamed(GetParam());
        if (!entry.isLinear || !fixture.canExplain(entry)) continue;
        Target a = fixture.target();
        a.quantity = Quantity::Logit;
        Target b = a;
        b.id = a.id == 0 ? 1 : 0;
        Target contrast = a;
        contrast.kind = TargetKind::Contrast;
        contrast.contrastId = b.id;
        std::vector<double> wanted = fixture.explain(GetParam(), a).scores;
        const std::vector<double> other = fixture.explain(GetParam(), b).scores;
        for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] -= other[i];
        expectNear(fixture.explain(GetParam(), contrast).scores, wanted, 1e-9, name);
    }
}

// Section 2.1, sensitivity (b): what the answer does not depend on has no score. A causal model's
// answer at an earlier position cannot see the tokens behind it.
TEST_P(EveryMethod, GivesNothingToWhatHasNoInfluence) {
    REQUIRE_SHARED(folder, "data/trained/shakespeare-gpt2");
    const Fixture fixture(folder);
    const MethodEntry& entry = methodNamed(GetParam());
    if (entry.explainsParts || !entry.isSensitive) return;
    Target target = fixture.target();
    target.position = -4;
    const Attribution found = fixture.explain(GetParam(), target);
    const std::vector<double>& sizes = found.norms.empty() ? found.scores : found.norms;
    for (std::size_t i = found.scores.size() - 3; i < found.scores.size(); ++i) {
        EXPECT_NEAR(found.scores[i], 0.0, 1e-12) << i;
        EXPECT_NEAR(sizes[i], 0.0, 1e-12) << i;
    }
    EXPECT_TRUE(
        std::any_of(sizes.begin(), sizes.end(), [](double size) { return std::abs(size) > 1e-6; }));
}

// A prompt with nothing to change: a result without NaN, or an error that says why there is none.
TEST_P(EveryMethod, ExplainsOrRefusesPromptsOfOneOrOnlySpecialTokens) {
    for (const std::string& name : kModels) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        Fixture fixture(folder);
        const bool isClassifier = fixture.model->spec().task == Task::Classification;
        const TokenizedInput whole = fixture.input;
        std::vector<TokenizedInput> prompts(2);
        prompts[0].tokens = {whole.tokens[1]};
        // [CLS] [SEP] of an encoder; the causal model has none, so its first token counts as one.
        prompts[1].tokens = isClassifier ? std::vector{whole.tokens.front(), whole.tokens.back()}
                                         : std::vector{whole.tokens.front()};
        for (Token& token : prompts[1].tokens) token.isSpecial = true;
        for (const TokenizedInput& prompt : prompts) {
            fixture.input = prompt;
            try {
                const Attribution found = fixture.explain(GetParam(), fixture.target());
                for (const double score : found.scores) EXPECT_TRUE(std::isfinite(score));
            } catch (const Error& error) {
                EXPECT_NE(error.kind(), ErrorKind::Internal) << error.what();
                EXPECT_NE(error.kind(), ErrorKind::Numeric) << error.what();
            }
        }
    }
}

TEST_P(EveryMethod, GivesNoResultOfWeightsThatAreNoNumbers) {
    for (const std::string& name : kModels) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        const Fixture fixture(folder);
        if (!fixture.canExplain(methodNamed(GetParam()))) continue;
        ModelWeights broken;
        const auto& linear = fixture.model->weights().linears.at("blocks.1.mlp.down_proj");
        at::Tensor weight = linear->dense(at::kFloat).clone();
        weight[0][0] = std::numeric_limits<float>::quiet_NaN();
        broken.linears["blocks.1.mlp.down_proj"] = makeDenseLinear(weight, linear->bias());
        const auto model = fixture.model->with(broken);
        try {
            fixture.explain(GetParam(), fixture.target(), 4, 0, model.get());
            ADD_FAILURE() << name << ": a result";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Numeric) << error.what();
        }
    }
}

bool readsSites(const MethodEntry& entry) {
    return std::any_of(entry.parameters.begin(), entry.parameters.end(), [](const auto& parameter) {
        return parameter.name == "site" && parameter.fallback != "embeddings";
    });
}

// Scores of virtual tokens are columns beside the text's; complete methods count them.
TEST_P(EveryMethod, GivesVirtualTokensColumnsOfTheirOwn) {
    for (const std::string name : {"gpt2-prefix", "gpt2-ptuning", "llama-prefix", "llama-prompt"}) {
        REQUIRE_SHARED(folder, "data/compressed/peft/" + name);
        const Json golden = readJsonFile(folder / "golden.json");
        const auto base = folder.parent_path() / golden["base"].get<std::string>();
        const auto model =
            applyAdapter(*loadModel(Checkpoint::open(base)).model, AdapterFolder::open(folder))
                .model;
        TokenizedInput input;
        for (const Json& id : golden["token_ids"][1]) {
            input.tokens.emplace_back();
            input.tokens.back().id = id.get<std::int64_t>();
        }
        const auto tokenizer = Tokenizer::fromJson(
            R"({"version":"1.0","model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}})",
            "one word");
        const MethodEntry& entry = methodNamed(GetParam());
        if (entry.explainsParts || !entry.scoresVirtualTokens) continue;
        const Target target =
            resolveTarget(*model, *tokenizer, input, {}, ComputeType::Float64, {});
        std::map<std::string, std::string> settings;
        for (const ParameterInfo& parameter : entry.parameters)
            if (parameter.name == "replace" || parameter.fallback == "mask")
                settings[std::string(parameter.name)] = "token:0";
        const Attribution found =
            runMethod(entry, settings,
                      {*model, *tokenizer, input, target, ComputeType::Float64, 4, 0, nullptr}, {});
        EXPECT_EQ(found.scores.size(), input.tokens.size()) << name;
        // A prefix is keys and values alone: it has no row in the residual stream.
        if (found.virtualScores.empty() && readsSites(entry)) {
            EXPECT_EQ(model->weights().virtualTokens.kind, VirtualKind::Prefix) << name;
            continue;
        }
        ASSERT_EQ(found.virtualScores.size(), golden["virtual_tokens"].get<std::size_t>()) << name;
        EXPECT_NE(found.virtualScores, std::vector<double>(found.virtualScores.size(), 0.0));
        if (!entry.isComplete) continue;
        double total = std::accumulate(found.scores.begin(), found.scores.end(), 0.0);
        total = std::accumulate(found.virtualScores.begin(), found.virtualScores.end(), total);
        double size = 1.0;  // of what is added: its rounding is what the two may differ by
        for (const double score : found.scores) size += std::abs(score);
        EXPECT_NEAR(total - (found.targetValue - *found.baselineValue), *found.completenessGap,
                    1e-13 * size);
    }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryMethod, ::testing::ValuesIn([] {
                             std::vector<std::string> ids;
                             for (const MethodEntry& method : methods())
                                 ids.emplace_back(method.id);
                             return ids;
                         }()),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace driftlens
