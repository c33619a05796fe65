// Logits, hidden states, attentions, router logits, gradients and greedy texts against
// transformers.
#include "tests/support/parity.h"

#include "core/files/checkpoint.h"
#include "core/model/generate.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

class EveryTinyModel : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryTinyModel, MatchesTransformers) {
    REQUIRE_SHARED(folder, "data/hf-tiny/" + GetParam());
    const std::vector<ParityResult> results = compareWithGolden(folder);
    EXPECT_GT(results.size(), 20U);
    for (const ParityResult& result : results) {
        EXPECT_LE(result.difference, result.tolerance) << result.prompt << " " << result.quantity;
    }
}

INSTANTIATE_TEST_SUITE_P(HfTiny, EveryTinyModel, ::testing::ValuesIn(tinyTextModels()),
                         [](const auto& row) {
                             std::string name = row.param;
                             for (char& c : name) c = c == '-' ? '_' : c;
                             return name;
                         });

TEST(TrainedClassifiers, GiveTheirKnownLogits) {
    for (const std::string name : {"sentiment-bert", "spam-bert-teacher", "spam-distilbert"}) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        const auto model = loadModel(Checkpoint::open(folder)).model;
        const Json metrics = readJsonFile(folder / "metrics.json");
        for (const Json& known : metrics["known_outputs"]) {
            ForwardInput input;
            input.ids =
                at::tensor(known["ids"].get<std::vector<std::int64_t>>(), at::kLong).unsqueeze(0);
            const at::Tensor logits = model->forward(input, {}, {}, {}).logits[0];
            const auto expected =
                at::tensor(known["logits"].get<std::vector<double>>(), at::kDouble);
            // The file rounds to 1e-6; float32 through four blocks adds a few 1e-6 on logits of 1
            // to 10.
            EXPECT_LE((logits.to(at::kDouble) - expected).abs().max().item<double>(), 2e-5) << name;
        }
    }
}

TEST(Stories260K, WritesItsKnownText) {
    REQUIRE_SHARED(folder, "data/trained/stories260K-hf");
    const auto model = loadModel(Checkpoint::open(folder)).model;
    const Json expected = readJsonFile(folder / "metrics.json")["expected_greedy"];
    GenerateRequest request;
    request.prompts = {expected["prompt_ids"].get<std::vector<std::int64_t>>()};
    request.newTokens = 200;
    EXPECT_EQ(generate(*model, request, {})[0].ids,
              expected["ids"].get<std::vector<std::int64_t>>());
}

}  // namespace
}  // namespace driftlens
