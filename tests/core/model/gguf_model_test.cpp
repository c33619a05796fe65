// Models in GGUF files give what transformers gives with the same dequantised weights.
#include "core/base/error.h"
#include "core/capture/gradient.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

// Paths of golden.json files, "llama-small/Q4_0.golden.json"; empty where the fixtures are absent.
std::vector<std::string> goldens() {
    std::vector<std::string> out;
    const auto root = sharedPath("data/compressed/gguf");
    if (!root) return {"absent"};
    for (const auto& entry : fs::recursive_directory_iterator(*root)) {
        const std::string name = fs::relative(entry.path(), *root).string();
        if (name.ends_with(".golden.json") && !name.starts_with("blocks")) out.push_back(name);
    }
    std::sort(out.begin(), out.end());
    return out;
}

class EveryGgufModel : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryGgufModel, GivesTheKnownLogits) {
    REQUIRE_SHARED(path, "data/compressed/gguf/" + GetParam());
    const Json golden = readJsonFile(path);
    const fs::path file = path.parent_path() / golden["files"][0].get<std::string>();
    const GgufFile gguf = GgufFile::open(file);
    const bool isRefused = std::any_of(gguf.tensors().begin(), gguf.tensors().end(),
                                       [](const auto& t) { return !t.format->isSupported(); });
    if (isRefused) {  // by name, with what is supported
        try {
            loadModel(gguf);
            FAIL() << "accepted";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Unsupported);
            EXPECT_NE(std::string(error.what()).find("IQ3_S"), std::string::npos) << error.what();
        }
        return;
    }
    const auto model = loadModel(gguf).model;
    const bool isEncoder = model->spec().task == Task::Encoder;
    const std::string quantity = isEncoder ? "hidden" : "logits";
    const double tolerance = golden["reference_" + quantity]["suggested_atol"].get<double>();
    std::string tensors = path.string();
    tensors.replace(tensors.rfind(".json"), 5, ".safetensors");
    int compared = 0;
    for (const StoredTensor& stored : readSafetensors(MappedFile::open(tensors)).tensors) {
        if (!stored.name.starts_with(quantity + ".p")) continue;
        const auto prompt = static_cast<std::size_t>(stored.name.back() - '0');
        const auto ids = golden["token_ids_llama_cpp"][prompt].get<std::vector<std::int64_t>>();
        ForwardInput input;
        input.ids = at::tensor(ids, at::kLong).unsqueeze(0);
        ForwardRequest request;
        const SiteId last{SiteKind::ResidOut,
                          static_cast<std::int64_t>(model->spec().blocks.size()) - 1};
        if (isEncoder) request.capture = {last};
        request.wantLogits = !isEncoder;
        const ForwardCapture out = model->forward(input, request, {}, {});
        const at::Tensor ours = isEncoder ? out.sites.at(last)[0] : out.logits[0];
        const at::Tensor expected = viewOf(stored);
        ASSERT_EQ(ours.sizes(), expected.sizes());
        EXPECT_LE((ours - expected).abs().max().item<double>(), tolerance) << stored.name;
        ++compared;
    }
    EXPECT_EQ(compared, 5);
}

INSTANTIATE_TEST_SUITE_P(Goldens, EveryGgufModel, ::testing::ValuesIn(goldens()),
                         [](const auto& row) {
                             std::string name = row.param.substr(0, row.param.find(".golden"));
                             for (char& c : name) c = std::isalnum(c) != 0 ? c : '_';
                             return name;
                         });

// Files that are valid containers and no models, by what they lack.
TEST(GgufModel, IsRefusedByWhatItLacks) {
    REQUIRE_SHARED(folder, "data/compressed/malformed/gguf");
    const auto refusal = [&](const std::string& name) -> std::string {
        try {
            loadModel(GgufFile::open(folder / name));
        } catch (const Error& error) {
            return error.what();
        }
        return "accepted";
    };
    EXPECT_NE(refusal("no-architecture.gguf").find("general.architecture"), std::string::npos);
    EXPECT_NE(refusal("unknown-architecture.gguf").find("supported: bert"), std::string::npos);
    EXPECT_NE(refusal("missing-hyperparameters.gguf").find("llama.context_length"),
              std::string::npos)
        << refusal("missing-hyperparameters.gguf");
    EXPECT_NE(refusal("non-finite-scale.gguf"), "accepted");
}

// The gradient goes through the stored weights: it is the one of the same model in floats.
TEST(GgufModel, HasTheGradientOfItsDequantisedWeights) {
    REQUIRE_SHARED(file, "data/compressed/gguf/llama-small/Q4_0.gguf");
    const auto packed = loadModel(GgufFile::open(file)).model;
    ModelWeights floats;
    for (const auto& [name, linear] : packed->weights().linears) {
        if (name != kTokenTable)
            floats.linears[name] = makeDenseLinear(linear->dense(at::kFloat), linear->bias());
    }
    const auto dense = packed->with(floats);
    const auto gradient = [](const Model& model) {
        ForwardInput input;
        input.embeddings = model.embedTokens(at::arange(3, 12, at::kLong).unsqueeze(0), at::kFloat)
                               .detach()
                               .requires_grad_(true);
        ForwardRequest request;
        request.keepGraph = true;
        const at::Tensor logits = model.forward(input, request, {}, {}).logits;
        return gradients(logits[0][-1][7], {input.embeddings}, {})[0];
    };
    const at::Tensor expected = gradient(*dense);
    EXPECT_GT(expected.abs().max().item<double>(), 0.0);
    EXPECT_TRUE(at::equal(gradient(*packed), expected));
}

}  // namespace
}  // namespace driftlens
