// Adapters against what PEFT computes, and against the model with the same weights merged.
#include "core/model/adapter.h"

#include "core/base/error.h"
#include "core/capture/gradient.h"
#include "core/model/generate.h"
#include "core/model/loader.h"
#include "engine/variants/inspect.h"
#include "engine/variants/variant.h"
#include "tests/support/adapter_writer.h"
#include "tests/support/fixtures.h"
#include "tests/support/parity.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> adapterNames() {
    const auto root = sharedPath("data/compressed/peft");
    if (!root) return {"absent"};
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(*root)) {
        if (fs::exists(entry.path() / "adapter_config.json"))
            out.push_back(entry.path().filename().string());
    }
    std::sort(out.begin(), out.end());
    return out;
}

bool hasVirtualTokens(const Json& golden) {
    return golden.value("virtual_tokens", 0) > 0;
}

at::Tensor logitsOf(const Model& model, const Json& golden, std::size_t prompt) {
    ForwardInput input;
    input.ids = at::tensor(golden["token_ids"][prompt].get<std::vector<std::int64_t>>(), at::kLong)
                    .unsqueeze(0);
    return model.forward(input, {}, {}, {}).logits[0];
}

// The same model with every overlay made a plain matrix.
std::shared_ptr<const Model> merged(const Model& model) {
    ModelWeights dense;
    for (const auto& [name, linear] : model.weights().linears)
        dense.linears[name] = makeDenseLinear(linear->dense(at::kFloat), linear->bias());
    return model.with(dense);
}

// The gradient of the largest logit with respect to the embeddings.
at::Tensor gradientOf(const Model& model, const Json& golden) {
    const at::Tensor ids =
        at::tensor(golden["token_ids"][1].get<std::vector<std::int64_t>>(), at::kLong).unsqueeze(0);
    ForwardInput input;
    input.embeddings = model.embedTokens(ids, at::kFloat).detach().requires_grad_(true);
    ForwardRequest request;
    request.keepGraph = true;
    const at::Tensor logits = model.forward(input, request, {}, {}).logits;
    const c10::AutoGradMode gradMode(true);
    return gradients(logits.max(), {input.embeddings}, {}).front();
}

class EveryAdapter : public ::testing::TestWithParam<std::string> {
protected:
    void load(const fs::path& folder) {
        golden = readJsonFile(folder / "golden.json");
        tensors = readSafetensors(MappedFile::open(folder / "golden.safetensors")).tensors;
        base =
            loadModel(Checkpoint::open(folder.parent_path() / golden["base"].get<std::string>()));
        AdaptedModel adapted = applyAdapter(*base.model, AdapterFolder::open(folder));
        EXPECT_TRUE(adapted.unused.empty());
        model = adapted.model;
    }

    Json golden;
    std::vector<StoredTensor> tensors;
    LoadedModel base;
    std::shared_ptr<const Model> model;
};

// A stored tensor's part that a parameter is made of, where only its first rows are given.
at::Tensor givenPart(const at::Tensor& given, ParameterSource source) {
    const std::int64_t rows = source.isTransposed ? given.size(1) : given.size(0);
    if (source.rows >= 0 && source.firstRow + source.rows > rows) source.rows = -1;
    return partOf(given, source);
}

TEST_P(EveryAdapter, MergesIntoTheKnownWeights) {
    REQUIRE_SHARED(folder, "data/compressed/peft/" + GetParam());
    load(folder);
    for (const StoredTensor& stored : tensors) {
        const bool isWhole = stored.name.starts_with("merged.");
        if (!isWhole && !stored.name.starts_with("rows.")) continue;
        const std::string name = stored.name.substr(stored.name.find('.') + 1);
        std::size_t compared = 0;
        for (const LoadedParameter& parameter : base.parameters) {
            if (parameter.checkpointName != name) continue;
            const bool isTable = parameter.canonical == kTokenTable;
            const Linear& linear = isTable
                                       ? model->tokenTable()
                                       : *model->weights().linears.at(parameter.canonical.substr(
                                             0, parameter.canonical.rfind('.')));
            const bool isBias = parameter.canonical.ends_with(".bias");
            at::Tensor ours = isBias ? linear.bias() : linear.dense(at::kFloat);
            const at::Tensor expected = givenPart(viewOf(stored), parameter.source);
            for (std::int64_t axis = 0; axis < expected.dim(); ++axis)
                ours = ours.narrow(axis, 0, expected.size(axis));
            // Both sum rank products and, for DoRA, the squares of a row, in any order; each
            // rounding is half an ulp of the largest entry at most.
            const double roundings =
                2.0 * (8 + 3) + static_cast<double>(parameter.shape.back()) / 2;
            const double tolerance = roundings * std::ldexp(1.0, -24) *
                                     std::max(1.0, expected.abs().max().item<double>());
            EXPECT_LE((ours - expected).abs().max().item<double>(), tolerance) << stored.name;
            ++compared;
        }
        EXPECT_GE(compared, 1U) << stored.name;
    }
}

TEST_P(EveryAdapter, HasTheLogitsAndGradientsOfTheMergedModel) {
    REQUIRE_SHARED(folder, "data/compressed/peft/" + GetParam());
    load(folder);
    const std::shared_ptr<const Model> plain = merged(*model);
    const double tolerance = golden["suggested_atol"].get<double>();
    EXPECT_LE(
        (logitsOf(*model, golden, 1) - logitsOf(*plain, golden, 1)).abs().max().item<double>(),
        tolerance);
    const at::Tensor gradient = gradientOf(*model, golden);
    const at::Tensor expected = gradientOf(*plain, golden);
    EXPECT_GT(expected.abs().max().item<double>(), 0.0);
    EXPECT_LE((gradient - expected).abs().max().item<double>(),
              tolerance * std::max(1.0, expected.abs().max().item<double>()));
}

// A module that the adapter leaves alone is the base's own.
TEST_P(EveryAdapter, SharesWhatItLeavesAsItIs) {
    REQUIRE_SHARED(folder, "data/compressed/peft/" + GetParam());
    load(folder);
    std::size_t changed = 0;
    for (const auto& [name, linear] : base.model->weights().linears)
        changed += model->weights().linears.at(name) == linear ? 0U : 1U;
    EXPECT_EQ(changed == 0, hasVirtualTokens(golden));
    for (const auto& [name, tensor] : base.model->weights().tensors) {
        if (name == kTokenTable) continue;
        EXPECT_TRUE(model->weights().tensors.at(name).is_same(tensor)) << name;
    }
}

// Virtual tokens enter a cache once, whatever is padded before a text.
TEST_P(EveryAdapter, ContinuesTextsAsWithoutACache) {
    REQUIRE_SHARED(folder, "data/compressed/peft/" + GetParam());
    load(folder);
    if (!model->spec().isCausal) return;
    GenerateRequest request;
    for (const Json& ids : golden["token_ids"])
        request.prompts.push_back(ids.get<std::vector<std::int64_t>>());
    request.newTokens = 6;
    const auto cached = generate(*model, request, {});
    request.useCache = false;
    const auto whole = generate(*model, request, {});
    for (std::size_t row = 0; row < whole.size(); ++row) {
        EXPECT_EQ(cached[row].ids, whole[row].ids);
        request.prompts = {golden["token_ids"][row].get<std::vector<std::int64_t>>()};
        EXPECT_EQ(generate(*model, request, {}).front().ids, whole[row].ids);
    }
}

INSTANTIATE_TEST_SUITE_P(Goldens, EveryAdapter, ::testing::ValuesIn(adapterNames()),
                         [](const auto& row) {
                             std::string name = row.param;
                             for (char& c : name) c = std::isalnum(c) != 0 ? c : '_';
                             return name;
                         });

constexpr char kSample[] = "samples/retrieval-llama-mini";
constexpr char kModule[] = "model.layers.0.self_attn.q_proj";
constexpr char kQ[] = "blocks.0.attn.q_proj";

// An adapter on the project's own sample: never skipped.
class OneAdapter : public ::testing::Test {
protected:
    const std::shared_ptr<const Model> m_model = loadModel(Checkpoint::open(kSample)).model;
    const LinearInfo m_q = m_model->weights().linears.at(kQ)->info();
    AdapterWriter m_adapter{kModule, m_q.outFeatures, m_q.inFeatures};

    std::string recipe(const std::string& before = "") const {
        return std::string(kSample) + "@" + before + "adapter=\"" + m_adapter.write().string() +
               "\"";
    }
    std::string nameOf(const std::string& ending) const {
        return "base_model.model." + std::string(kModule) + ending;
    }
};

TEST_F(OneAdapter, IsLaidOverAQuantisedBase) {
    const VariantSpec spec = VariantSpec::parse(recipe("int4+"));
    const auto int4 = VariantLoader().load({kSample, {spec.steps[0]}}, {}, false, {}).model;
    const auto both = VariantLoader().load(spec, {}, false, {}).model;
    const at::Tensor expected = int4->weights().linears.at(kQ)->dense(at::kFloat) +
                                2.0 * at::matmul(m_adapter.tensors.at(nameOf(".lora_B.weight")),
                                                 m_adapter.tensors.at(nameOf(".lora_A.weight")));
    EXPECT_TRUE(
        at::allclose(both->weights().linears.at(kQ)->dense(at::kFloat), expected, 1e-6, 1e-6));
    EXPECT_EQ(both->weights().linears.at(kQ)->info().form, "INT4 group 32 + LoRA rank 2");
}

TEST_F(OneAdapter, RecipeIsReadBackFromItsText) {
    const VariantSpec shorthand = VariantSpec::parse(recipe("int4:group=16+"));
    const std::string text = shorthand.schemeText();
    const VariantSpec again = VariantSpec::parse(std::string(kSample) + "@" + text);
    EXPECT_EQ(again.steps, shorthand.steps);
    EXPECT_EQ(again.path, shorthand.path);
    EXPECT_EQ(again.steps[1].parameters.at("path"), m_adapter.write().string());
    EXPECT_EQ(VariantSpec::parse("m@adapter=a/b").steps,
              VariantSpec::parse("m@adapter:path=a/b").steps);
    EXPECT_EQ(VariantSpec::parse("m@adapter=a:b").steps[0].parameters.at("path"), "a:b");
    EXPECT_THROW(VariantSpec::parse("m@adapter"), Error);
    EXPECT_THROW(VariantSpec::parse("m@adapter="), Error);
    EXPECT_THROW(VariantSpec::parse("m@int4=16"), Error);
}

TEST_F(OneAdapter, ItsBytesArePartOfTheIdentity) {
    const VariantSpec spec = VariantSpec::parse(recipe());
    const ModelIdentity before = VariantLoader().load(spec, {}, true, {}).identity;
    EXPECT_EQ(VariantLoader().load(spec, {}, true, {}).identity.digest, before.digest);
    m_adapter.tensors.at(nameOf(".lora_A.weight")).add_(0.5);
    m_adapter.write();
    const ModelIdentity after = VariantLoader().load(spec, {}, true, {}).identity;
    EXPECT_NE(after.digest, before.digest);
    EXPECT_EQ(after.files.size(), before.files.size());
    EXPECT_TRUE(after.files.back().name.ends_with("adapter_model.safetensors"));
}

TEST_F(OneAdapter, IsWrittenIntoAFolder) {
    m_adapter.tensors["base_model.model.model.norm.weight"] =
        at::full({m_model->spec().hiddenSize}, 0.5);
    const VariantSpec spec = VariantSpec::parse(recipe());
    const fs::path out =
        fs::temp_directory_path() / ("driftlens-merged-" + std::to_string(::getpid()));
    saveVariant(spec, out, {});
    const auto again = loadModel(Checkpoint::open(out)).model;
    const auto variant = VariantLoader().load(spec, {}, false, {}).model;
    EXPECT_TRUE(at::equal(again->weights().linears.at(kQ)->dense(at::kFloat),
                          variant->weights().linears.at(kQ)->dense(at::kFloat)));
    EXPECT_TRUE(at::equal(again->weights().tensors.at("final_norm.weight"),
                          variant->weights().tensors.at("final_norm.weight")));
    fs::remove_all(out);
}

// Transposed, fused, by heads, one matrix per expert: rows of B go where the stored rows went.
class EveryLayout : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryLayout, AddsTheProductToTheStoredMatrix) {
    REQUIRE_SHARED(folder, "data/hf-tiny/" + GetParam());
    const Checkpoint checkpoint = Checkpoint::open(folder);
    const LoadedModel base = loadModel(checkpoint);
    AdapterWriter adapter("unused", 1, 1);
    adapter.tensors.clear();
    std::map<std::string, at::Tensor> deltas;  // [out, in], by stored name
    for (const LoadedParameter& parameter : base.parameters) {
        const std::string& name = parameter.checkpointName;
        const std::string module = name.substr(0, name.rfind('.'));
        if (!name.ends_with(".weight") || parameter.storedShape.size() != 2) continue;
        if (!parameter.canonical.ends_with(".weight") || deltas.contains(name)) continue;
        std::int64_t out = parameter.storedShape[0], in = parameter.storedShape[1];
        if (parameter.source.isTransposed) std::swap(out, in);
        const at::Tensor a = at::linspace(-1.0, 0.9, 2 * in, at::kFloat).view({2, in});
        const at::Tensor b = at::linspace(0.5, -0.3, 2 * out, at::kFloat).view({out, 2});
        adapter.tensors["base_model.model." + module + ".lora_A.weight"] = a;
        adapter.tensors["base_model.model." + module + ".lora_B.weight"] = b;
        deltas[name] = 2.0 * at::matmul(b, a);
    }
    ASSERT_FALSE(deltas.empty());
    const auto model = applyAdapter(*base.model, AdapterFolder::open(adapter.write())).model;
    for (const LoadedParameter& parameter : base.parameters) {
        const auto delta = deltas.find(parameter.checkpointName);
        if (delta == deltas.end()) continue;
        const std::string module = parameter.canonical.substr(0, parameter.canonical.rfind('.'));
        at::Tensor stored = viewOf(*checkpoint.find(parameter.checkpointName)).to(at::kFloat);
        stored = stored + (parameter.source.isTransposed ? delta->second.t() : delta->second);
        const at::Tensor ours = model->weights().linears.at(module)->dense(at::kFloat);
        const at::Tensor expected = partOf(stored, parameter.source).reshape(ours.sizes());
        EXPECT_TRUE(at::allclose(ours, expected, 1e-6, 1e-6)) << parameter.canonical;
    }
}

INSTANTIATE_TEST_SUITE_P(Tiny, EveryLayout, ::testing::ValuesIn(tinyTextModels()),
                         [](const auto& row) {
                             std::string name = row.param;
                             for (char& c : name) c = c == '-' ? '_' : c;
                             return name;
                         });

}  // namespace
}  // namespace driftlens
