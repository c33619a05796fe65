// Damaged, contradictory and foreign adapters end in one error that names what is wrong.
#include "core/base/error.h"
#include "core/model/adapter.h"
#include "core/model/loader.h"
#include "tests/support/adapter_writer.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

// A damaged or foreign adapter and what the message must name.
struct HostileCase {
    std::string name;
    void (*damage)(AdapterWriter& adapter);
    ErrorKind kind;
    std::string text;
};

const std::string kA = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
const std::string kB = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight";

// In the place of the LoRA: virtual tokens, as many as the configuration says.
void makeVirtual(AdapterWriter& a, const char* type, std::vector<std::int64_t> shape) {
    a.config = {{"peft_type", type}, {"num_virtual_tokens", 3}};
    a.tensors = {{"prompt_embeddings", at::zeros(shape)}};
}

const std::vector<HostileCase> kHostile = {
    {"PromptWidth",
     [](AdapterWriter& a) {
         makeVirtual(a, "PROMPT_TUNING", {3, 7});
     },
     ErrorKind::InputFile, "virtual tokens are [3, 7]"},
    {"PrefixWidth",
     [](AdapterWriter& a) {
         makeVirtual(a, "PREFIX_TUNING", {3, 7});
     },
     ErrorKind::InputFile, "virtual tokens are [3, 7]"},
    {"PromptCount",
     [](AdapterWriter& a) {
         makeVirtual(a, "P_TUNING", {4, 7});
     },
     ErrorKind::InputFile, "num_virtual_tokens makes it [3"},
    {"PromptVector", [](AdapterWriter& a) { makeVirtual(a, "PROMPT_TUNING", {3}); },
     ErrorKind::InputFile, "is [3]"},
    {"PromptMissing",
     [](AdapterWriter& a) {
         makeVirtual(a, "PROMPT_TUNING", {3, 7});
         a.tensors.clear();
     },
     ErrorKind::InputFile, "prompt_embeddings\" is missing"},
    {"NoVirtualTokens",
     [](AdapterWriter& a) {
         makeVirtual(a, "PROMPT_TUNING", {3, 7});
         a.config["num_virtual_tokens"] = 0;
     },
     ErrorKind::InputFile, "num_virtual_tokens"},
    {"TwoSubmodules",
     [](AdapterWriter& a) {
         makeVirtual(a, "PREFIX_TUNING", {3, 7});
         a.config["num_transformer_submodules"] = 2;
     },
     ErrorKind::Unsupported, "num_transformer_submodules"},
    {"UnknownType", [](AdapterWriter& a) { a.config["peft_type"] = "VERA"; },
     ErrorKind::Unsupported, "\"VERA\" is not supported; supported: LORA"},
    {"NoType", [](AdapterWriter& a) { a.config.erase("peft_type"); }, ErrorKind::InputFile,
     "peft_type"},
    {"RankZero", [](AdapterWriter& a) { a.config["r"] = 0; }, ErrorKind::InputFile, "r"},
    {"RankText", [](AdapterWriter& a) { a.config["r"] = "two"; }, ErrorKind::InputFile, "r"},
    {"OtherRank", [](AdapterWriter& a) { a.config["r"] = 3; }, ErrorKind::InputFile, "rank 3"},
    {"PatternNoRegex",
     [](AdapterWriter& a) {
         a.config["alpha_pattern"] = {{"q_proj(", 3}};
     },
     ErrorKind::InputFile, "q_proj("},
    {"PatternsContradict",
     [](AdapterWriter& a) {
         a.config["alpha_pattern"] = {{"q_proj", 3}, {"self_attn.q_proj", 4}};
     },
     ErrorKind::InputFile, "different values"},
    {"PatternNoWholeRank",
     [](AdapterWriter& a) {
         a.config["rank_pattern"] = {{"q_proj", 2.5}};
     },
     ErrorKind::InputFile, "2.5"},
    {"PatternNoNumber",
     [](AdapterWriter& a) {
         a.config["rank_pattern"] = {{"q_proj", {}}};
     },
     ErrorKind::InputFile, "q_proj"},
    {"Pissa", [](AdapterWriter& a) { a.config["init_lora_weights"] = "pissa_niter_4"; },
     ErrorKind::Unsupported, "pissa_niter_4"},
    {"TargetParameters",
     [](AdapterWriter& a) { a.config["target_parameters"] = {"mlp.experts.gate_up_proj"}; },
     ErrorKind::Unsupported, "target_parameters"},
    {"Replication",
     [](AdapterWriter& a) {
         a.config["layer_replication"] = {{0, 1}};
     },
     ErrorKind::Unsupported, "layer_replication"},
    {"DoraWithoutMagnitude", [](AdapterWriter& a) { a.config["use_dora"] = true; },
     ErrorKind::InputFile, "lora_magnitude_vector\" is missing"},
    {"NotFinite", [](AdapterWriter& a) { a.tensors.at(kA).fill_(NAN); }, ErrorKind::InputFile, kA},
    {"Integers", [](AdapterWriter& a) { a.tensors.at(kA) = a.tensors.at(kA).to(at::kInt); },
     ErrorKind::InputFile, "I32"},
    {"UpMissing", [](AdapterWriter& a) { a.tensors.erase(kB); }, ErrorKind::InputFile,
     "lora_B.weight\" is missing"},
    {"DownMissing", [](AdapterWriter& a) { a.tensors.erase(kA); }, ErrorKind::InputFile,
     "lora_A.weight\" is missing"},
    {"Vector", [](AdapterWriter& a) { a.tensors.at(kA) = at::zeros({2}); }, ErrorKind::InputFile,
     "is [2]"},
    {"NoSuchModule",
     [](AdapterWriter& a) { a.tensors["base_model.model.x.weight"] = at::ones({1}); },
     ErrorKind::InputFile, "base_model.model.x.weight"},
    {"NoPrefix", [](AdapterWriter& a) { a.tensors["lora_A.weight"] = at::ones({1}); },
     ErrorKind::InputFile, "\"lora_A.weight\" matches no module"},
    {"OfAnotherKind",
     [](AdapterWriter& a) {
         a.tensors["base_model.model.model.layers.0.self_attn.q_proj.ia3_l"] = at::ones({1, 1});
     },
     ErrorKind::InputFile, "ia3_l"},
    {"MatrixForTable",
     [](AdapterWriter& a) {
         a.tensors["base_model.model.model.embed_tokens.lora_A.weight"] = at::ones({2, 2});
     },
     ErrorKind::InputFile, "embed_tokens.lora_A.weight"},
    {"TableForMatrix",
     [](AdapterWriter& a) {
         a.tensors["base_model.model.model.layers.0.self_attn.q_proj.lora_embedding_A"] =
             at::ones({2, 2});
         a.tensors["base_model.model.model.layers.0.self_attn.q_proj.lora_embedding_B"] =
             at::ones({2, 2});
     },
     ErrorKind::InputFile, "lora_embedding_A"},
    {"SavedShape",
     [](AdapterWriter& a) { a.tensors["base_model.model.model.norm.weight"] = at::ones({3}); },
     ErrorKind::InputFile, "is [3]"},
};

// On the project's own sample: never skipped.
class BadAdapter : public ::testing::Test {
protected:
    const std::shared_ptr<const Model> m_model =
        loadModel(Checkpoint::open("samples/retrieval-llama-mini")).model;
    const LinearInfo m_q = m_model->weights().linears.at("blocks.0.attn.q_proj")->info();
    AdapterWriter m_adapter{"model.layers.0.self_attn.q_proj", m_q.outFeatures, m_q.inFeatures};

    void expectRefused(ErrorKind kind, const std::string& text) const {
        try {
            applyAdapter(*m_model, AdapterFolder::open(m_adapter.write()));
            FAIL() << "accepted; should name " << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), kind) << error.what();
            EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
        }
    }
};

class HostileAdapter : public BadAdapter, public ::testing::WithParamInterface<HostileCase> {};

TEST_P(HostileAdapter, IsRefusedByName) {
    GetParam().damage(m_adapter);
    expectRefused(GetParam().kind, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Table, HostileAdapter, ::testing::ValuesIn(kHostile),
                         [](const auto& row) { return row.param.name; });

TEST_F(BadAdapter, PickledOrAbsentFilesAreRefused) {
    const fs::path folder = m_adapter.write();
    const auto open = [&]() -> std::string {
        try {
            AdapterFolder::open(folder);
            return "accepted";
        } catch (const Error& error) {
            return error.what();
        }
    };
    fs::rename(folder / "adapter_model.safetensors", folder / "adapter_model.bin");
    EXPECT_NE(open().find("adapter_model.bin: pickled"), std::string::npos);
    fs::remove(folder / "adapter_model.bin");
    EXPECT_NE(open().find("has no adapter_model.safetensors"), std::string::npos);
    std::ofstream(folder / "adapter_model.safetensors") << "short";
    EXPECT_NE(open().find("adapter_model.safetensors"), std::string::npos);
    fs::remove(folder / "adapter_config.json");
    EXPECT_NE(open().find("not an adapter folder"), std::string::npos);
}

TEST_F(BadAdapter, VirtualTokensComeOnceAndPrefixesToCausalModelsOnly) {
    makeVirtual(m_adapter, "PROMPT_TUNING", {3, m_model->spec().hiddenSize});
    const auto once = applyAdapter(*m_model, AdapterFolder::open(m_adapter.write())).model;
    EXPECT_EQ(once->textPositions(), m_model->textPositions() - 3);
    EXPECT_THROW(applyAdapter(*once, AdapterFolder::open(m_adapter.write())), Error);
    const auto encoder = loadModel(Checkpoint::open("samples/sentiment-bert-mini")).model;
    m_adapter.config["peft_type"] = "PREFIX_TUNING";
    try {
        applyAdapter(*encoder, AdapterFolder::open(m_adapter.write()));
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Unsupported);
        EXPECT_NE(std::string(error.what()).find("causal"), std::string::npos);
    }
}

TEST(MalformedAdapters, EndAsExpectedJsonSays) {
    REQUIRE_SHARED(root, "data/compressed/malformed");
    std::size_t checked = 0;
    const Json expected = readJsonFile(root / "expected.json");
    for (const auto& [name, row] : expected["cases"].items()) {
        if (name.find("/peft-") == std::string::npos) continue;
        const auto load = [&, folder = root / name] {
            const auto base = loadModel(Checkpoint::open(root / "checkpoints/index-ok")).model;
            return applyAdapter(*base, AdapterFolder::open(folder)).model;
        };
        if (row["must"] == "accept") {
            EXPECT_NO_THROW(load()) << name;
        } else {
            EXPECT_THROW(load(), Error) << name;
        }
        ++checked;
    }
    EXPECT_GE(checked, 7U);
}

}  // namespace
}  // namespace driftlens
