// Models in GGUF files give what transformers gives with the same dequantised weights.
#include "core/base/error.h"
#include "core/capture/gradient.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

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
