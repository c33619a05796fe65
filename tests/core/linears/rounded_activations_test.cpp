// LLM.int8's rounding of activations, by hand and against bitsandbytes' own forward pass.
#include "core/linears/rounded_activations.h"

#include "core/capture/gradient.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

TEST(RoundedActivations, KeepColumnsWithAnOutlier) {
    const at::Tensor x = at::tensor({127.0, 0.5, 7.0, -63.5, 0.25, 1.0}, at::kDouble).view({2, 3});
    const at::Tensor all = roundActivations(x, 0.0);
    EXPECT_NEAR(all[0][0].item<double>(), 127.0, 1e-5);
    EXPECT_NEAR(all[1][0].item<double>(), -63.5, 1e-5);
    EXPECT_EQ(all[0][1].item<double>(), 0.0);
    // Columns 0 and 2 hold an outlier and stay; column 1 is rounded to its row's own steps.
    const at::Tensor kept = roundActivations(x, 5.0);
    EXPECT_TRUE(at::equal(kept.select(1, 0), x.select(1, 0)));
    EXPECT_TRUE(at::equal(kept.select(1, 2), x.select(1, 2)));
    EXPECT_NEAR(kept[0][1].item<double>(), 0.5, 1e-7);  // the largest of what is left
    EXPECT_NEAR(kept[1][1].item<double>(), 32.0 / 127.0, 1e-7);
    EXPECT_TRUE(at::equal(roundActivations(at::zeros({2, 3}), 6.0), at::zeros({2, 3})));
}

TEST(RoundedActivations, PassGradientsStraightThrough) {
    const at::Tensor w = at::arange(6, at::kFloat).view({2, 3});
    const LinearPtr linear = makeRoundingLinear(makeDenseLinear(w, {}), 6.0);
    EXPECT_TRUE(linear->info().roundsActivations);
    const at::Tensor x = at::tensor({1.0, -0.3, 0.7}, at::kFloat).unsqueeze(0).requires_grad_(true);
    const c10::AutoGradMode grad(true);
    const at::Tensor y = linear->forward(x, {});
    EXPECT_TRUE(at::equal(gradients(y.sum(), {x}, {})[0][0], w.sum(0)));
}

// A float32 rounding of the network moves a few activations to the next of their 255 steps, and
// each moves others behind it: bitsandbytes' own logits are met far more closely than by exact
// activations, but not to a rounding. (Those of llama-outliers-int8 are not compared: its run was
// in half precision throughout, and the library itself repeats them to half their distance only.)
// Half of the squared distance of exact activations is asked for: rounding by another rule would
// add its own to it instead.
TEST(RoundedActivations, ComeCloseToBitsandbytes) {
    REQUIRE_SHARED(root, "data/compressed/bnb");
    for (const std::string name : {"llama-int8", "gpt2-int8"}) {
        const auto model = loadModel(Checkpoint::open(root / name)).model;
        ModelWeights rounding;
        for (const std::string& module : model->blockLinearNames())
            rounding.linears[module] = makeRoundingLinear(model->weights().linears.at(module), 6.0);
        const auto rounded = model->with(rounding);
        const Json golden = readJsonFile(root / name / "golden.json");
        double exact = 0.0, ours = 0.0;
        for (const StoredTensor& stored :
             readSafetensors(MappedFile::open(root / name / "golden.safetensors")).tensors) {
            if (!stored.name.starts_with("library_logits.p")) continue;
            const Json& ids =
                golden["token_ids"][static_cast<std::size_t>(stored.name.back() - '0')];
            ForwardInput input;
            input.ids = at::tensor(ids.get<std::vector<std::int64_t>>(), at::kLong).unsqueeze(0);
            const at::Tensor library = viewOf(stored).to(at::kFloat);
            const auto distance = [&](const Model& of) {
                return (of.forward(input, {}, {}, {}).logits[0] - library)
                    .square()
                    .sum()
                    .item<double>();
            };
            exact += distance(*model);
            ours += distance(*rounded);
        }
        RecordProperty(name, std::to_string(ours / exact));
        EXPECT_LT(ours, 0.5 * exact) << name;
    }
}

}  // namespace
}  // namespace driftlens
