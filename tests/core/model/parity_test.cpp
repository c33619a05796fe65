// Logits, hidden states, attentions and gradients against transformers, within the tolerance that
// each fixture states (16 × its float32-float64 difference, or 32 float32 roundings).
#include "core/capture/gradient.h"
#include "core/files/checkpoint.h"
#include "core/model/generate.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace driftlens {
namespace {

const std::vector<std::string> kFolders = {
    "bert-cls", "distilbert-cls", "gpt2-lm",  "llama-lm", "llama3-lm", "mistral-lm",
    "qwen2-lm", "qwen3-lm",       "gemma-lm", "opt-lm",   "phi3-lm",   "roberta-cls"};

class Golden {
public:
    explicit Golden(const std::filesystem::path& folder)
        : m_file(readSafetensors(MappedFile::open(folder / "golden.safetensors"))),
          m_info(readJsonFile(folder / "golden.json")) {}

    at::Tensor tensor(const std::string& name) const {
        for (const StoredTensor& stored : m_file.tensors) {
            if (stored.name == name) return viewOf(stored);
        }
        return {};
    }
    double tolerance(const std::string& quantity) const {
        return m_info["tolerances"][quantity]["atol"].get<double>();
    }
    const Json& info() const { return m_info; }

private:
    SafetensorsFile m_file;
    Json m_info;
};

// Compares at unpadded rows; keeps the worst share of the tolerance for the printed table.
class Parity {
public:
    Parity(const Golden& golden, std::string name) : m_golden(golden), m_case(std::move(name)) {}

    void check(const std::string& quantity, const at::Tensor& ours) {
        const at::Tensor expected = m_golden.tensor(m_case + "/" + quantity);
        ASSERT_TRUE(expected.defined()) << m_case << "/" << quantity;
        ASSERT_EQ(ours.sizes(), expected.sizes()) << quantity;
        at::Tensor difference = (ours.detach() - expected).abs();
        const at::Tensor mask = m_golden.tensor(m_case + "/attention_mask");
        if (mask.defined() && ours.dim() == 4) {
            difference = difference * mask.view({mask.size(0), 1, mask.size(1), 1});
        } else if (mask.defined() && ours.dim() == 3) {
            difference = difference * mask.unsqueeze(-1);
        }
        const double worst = difference.max().item<double>();
        EXPECT_LE(worst, m_golden.tolerance(quantity)) << m_case << "/" << quantity;
        std::printf("  %-4s %-18s %.2e of %.2e\n", m_case.c_str(), quantity.c_str(), worst,
                    m_golden.tolerance(quantity));
    }

private:
    const Golden& m_golden;
    std::string m_case;
};

ForwardInput inputOf(const Golden& golden, const std::string& name, const Model& model) {
    ForwardInput input;
    const at::Tensor ids = golden.tensor(name + "/input_ids");
    input.embeddings = model.embedTokens(ids, at::kFloat).detach().requires_grad_(true);
    input.mask = golden.tensor(name + "/attention_mask").to(at::kBool);
    input.tokenTypes = golden.tensor(name + "/token_type_ids");
    if (model.spec().tokenTypes == 0) input.tokenTypes = at::Tensor();
    return input;
}

class EveryTinyModel : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryTinyModel, MatchesTransformers) {
    REQUIRE_SHARED(folder, "data/hf-tiny/" + GetParam());
    const Golden golden(folder);
    const auto model = loadModel(Checkpoint::open(folder)).model;
    const auto blocks = static_cast<std::int64_t>(model->spec().blocks.size());
    for (const std::string name : {"p0", "p1", "p2", "b0"}) {
        Parity parity(golden, name);
        const ForwardInput input = inputOf(golden, name, *model);
        ForwardRequest request;
        request.keepGraph = true;
        request.capture = {{SiteKind::Embeddings, 0}, {SiteKind::FinalNorm, 0}};
        for (std::int64_t n = 0; n < blocks; ++n) {
            request.capture.insert({SiteKind::ResidOut, n});
            request.capture.insert({SiteKind::AttentionProbabilities, n});
        }
        const ForwardCapture out = model->forward(input, request, {}, {});
        parity.check("hidden_states.0", out.sites.at({SiteKind::Embeddings, 0}));
        for (std::int64_t n = 0; n < blocks; ++n) {
            const bool isLast = n + 1 == blocks && model->spec().hasFinalNorm;
            parity.check("hidden_states." + std::to_string(n + 1),
                         out.sites.at(isLast ? SiteId{SiteKind::FinalNorm, 0}
                                             : SiteId{SiteKind::ResidOut, n}));
            parity.check("attentions." + std::to_string(n),
                         out.sites.at({SiteKind::AttentionProbabilities, n}));
        }
        if (model->spec().task == Task::Classification) {
            EXPECT_LE((out.logits - golden.tensor(name + "/logits")).abs().max().item<double>(),
                      golden.tolerance("logits"));
        } else {
            parity.check("logits", out.logits);
        }
        const at::Tensor index = golden.tensor(name + "/target_index");
        at::Tensor target = at::zeros({}, at::kFloat);
        for (std::int64_t row = 0; row < index.size(0); ++row) {
            const at::Tensor logits =
                model->spec().task == Task::Classification
                    ? out.logits[row]
                    : out.logits[row][golden.tensor(name + "/target_position")[row]
                                          .item<std::int64_t>()];
            target = target + logits[index[row].item<std::int64_t>()];
        }
        parity.check("grad_embeddings", gradients(target, {input.embeddings}, {})[0]);
    }
}

// The narrowed last block and the fused attention kernel give the same logits as the full pass.
TEST_P(EveryTinyModel, ComputesTheSameWhenItComputesLess) {
    REQUIRE_SHARED(folder, "data/hf-tiny/" + GetParam());
    const Golden golden(folder);
    const auto model = loadModel(Checkpoint::open(folder)).model;
    for (const std::string name : {"p2", "b0"}) {
        const ForwardInput input = inputOf(golden, name, *model);
        ForwardRequest request;
        const std::int64_t tokens = input.tokens();
        request.logitPositions = at::full({input.batch(), 1}, tokens - 1, at::kLong);
        const at::Tensor narrow = model->forward(input, request, {}, {}).logits;
        at::Tensor expected = golden.tensor(name + "/logits");
        if (model->spec().task == Task::CausalLm) expected = expected.narrow(1, tokens - 1, 1);
        EXPECT_LE((narrow - expected).abs().max().item<double>(), golden.tolerance("logits"))
            << name;
    }
}

TEST_P(EveryTinyModel, ContinuesGreedilyAsTransformersWithAndWithoutCache) {
    REQUIRE_SHARED(folder, "data/hf-tiny/" + GetParam());
    const Golden golden(folder);
    const auto model = loadModel(Checkpoint::open(folder)).model;
    if (model->spec().task != Task::CausalLm) return;
    for (const Json& item : golden.info()["cases"]) {
        if (item["texts"].size() != 1 || !item.contains("generated_ids")) continue;
        const at::Tensor ids = golden.tensor(item["name"].get<std::string>() + "/input_ids")[0];
        GenerateRequest request;
        for (std::int64_t i = 0; i < ids.size(0); ++i)
            request.ids.push_back(ids[i].item<std::int64_t>());
        request.newTokens = 16;
        request.stopAtEnd = false;
        const auto expected = item["generated_ids"][0].get<std::vector<std::int64_t>>();
        EXPECT_EQ(generateGreedy(*model, request, {}), expected);
        request.useCache = false;
        EXPECT_EQ(generateGreedy(*model, request, {}), expected);
    }
}

INSTANTIATE_TEST_SUITE_P(HfTiny, EveryTinyModel, ::testing::ValuesIn(kFolders),
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
    request.ids = expected["prompt_ids"].get<std::vector<std::int64_t>>();
    request.newTokens = 200;
    EXPECT_EQ(generateGreedy(*model, request, {}),
              expected["ids"].get<std::vector<std::int64_t>>());
}

}  // namespace
}  // namespace driftlens
