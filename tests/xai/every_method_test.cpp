// Every row of the method table keeps what it claims, on a trained model.
#include "core/files/checkpoint.h"
#include "core/model/adapter.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"
#include "xai/methods/method.h"
#include "xai/targets/target.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

class EveryMethod : public ::testing::TestWithParam<std::string> {};

Attribution explain(const std::filesystem::path& folder, const std::string& method,
                    std::int64_t batch, ComputeType compute) {
    const auto model = loadModel(Checkpoint::open(folder)).model;
    const auto tokenizer = Tokenizer::load(folder);
    const TokenizedInput input = tokenizer->encode("It is pure trash , but I was not bored at all");
    const Target target = resolveTarget(*model, *tokenizer, input, {}, compute, {});
    return runMethod(methodNamed(method), {},
                     {*model, *tokenizer, input, target, compute, batch, 0}, {});
}

TEST_P(EveryMethod, KeepsItsClaims) {
    for (const std::string name : {"sentiment-bert", "shakespeare-gpt2"}) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        const MethodEntry& entry = methodNamed(GetParam());
        const Attribution wide = explain(folder, GetParam(), 4, ComputeType::Float64);
        EXPECT_EQ(wide.settings.size(), entry.parameters.size());
        if (entry.isComplete) {
            const double total = std::accumulate(wide.scores.begin(), wide.scores.end(), 0.0);
            const double change = wide.targetValue - *wide.baselineValue;
            EXPECT_NEAR(total - change, *wide.completenessGap, 1e-12);
            EXPECT_LE(std::abs(*wide.completenessGap), 1e-2 * std::abs(change) + 1e-6);
        }
        if (entry.isDeterministic) {
            EXPECT_EQ(explain(folder, GetParam(), 4, ComputeType::Float64).scores, wide.scores);
            // Another batch shape changes float64 results by rounding alone.
            const Attribution other = explain(folder, GetParam(), 3, ComputeType::Float64);
            for (std::size_t i = 0; i < wide.scores.size(); ++i)
                EXPECT_NEAR(other.scores[i], wide.scores[i], 1e-10);
        }
    }
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
        const Target target =
            resolveTarget(*model, *tokenizer, input, {}, ComputeType::Float64, {});
        std::map<std::string, std::string> settings;
        for (const ParameterInfo& parameter : entry.parameters)
            if (parameter.name == "replace") settings["replace"] = "token:0";
        const Attribution found = runMethod(
            entry, settings, {*model, *tokenizer, input, target, ComputeType::Float64, 4, 0}, {});
        EXPECT_EQ(found.scores.size(), input.tokens.size()) << name;
        ASSERT_EQ(found.virtualScores.size(), golden["virtual_tokens"].get<std::size_t>()) << name;
        EXPECT_NE(*std::max_element(found.virtualScores.begin(), found.virtualScores.end()), 0.0);
        if (!entry.isComplete) continue;
        double total = std::accumulate(found.scores.begin(), found.scores.end(), 0.0);
        total = std::accumulate(found.virtualScores.begin(), found.virtualScores.end(), total);
        EXPECT_NEAR(total - (found.targetValue - *found.baselineValue), *found.completenessGap,
                    1e-12);
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
