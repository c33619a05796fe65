// Every stored form: what it stores, and that its gradient is the dense weight's.
#include "core/capture/gradient.h"
#include "core/linears/grouped_int.h"

#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/linspace.h>

#include <gtest/gtest.h>

namespace driftlens {
namespace {

at::Tensor waves(std::int64_t rows, std::int64_t columns) {
    return at::linspace(-3.0, 5.0, rows * columns, at::kDouble)
        .sin()
        .view({rows, columns})
        .to(at::kFloat);
}

class EveryWidth : public ::testing::TestWithParam<int> {};

// Closed form: round half to even of w / scale with scale = amax / (2^(b−1) − 1), in float32.
TEST_P(EveryWidth, StoresTheRoundedCodes) {
    const int bits = GetParam();
    const at::Tensor w = waves(5, 37);  // neither a multiple of the group nor of a byte's codes
    const LinearPtr linear = makeGroupedIntLinear(quantizeGrouped(w, bits, 16, true), {});
    const at::Tensor dense = linear->dense(at::kFloat);
    const float top = static_cast<float>((1 << (bits - 1)) - 1);
    for (std::int64_t row = 0; row < 5; ++row) {
        for (std::int64_t first = 0; first < 37; first += 16) {
            const at::Tensor part = w[row].narrow(0, first, std::min<std::int64_t>(16, 37 - first));
            const at::Tensor scale = part.abs().max() / top;
            const at::Tensor expected = (part / scale).round().clamp(-top, top) * scale;
            EXPECT_TRUE(at::equal(dense[row].narrow(0, first, part.size(0)), expected))
                << bits << " bits";
        }
    }
    EXPECT_NEAR(linear->info().bitsPerWeight, bits + 32.0 * 3 / 37, 0.5);
}

TEST_P(EveryWidth, IsDifferentiableInItsInput) {
    const LinearPtr linear =
        makeGroupedIntLinear(quantizeGrouped(waves(5, 37), GetParam(), 0, false), waves(1, 5)[0]);
    const at::Tensor x = waves(4, 37).to(at::kDouble).requires_grad_(true);
    const c10::AutoGradMode grad(true);
    const at::Tensor y = linear->forward(x, {});
    const at::Tensor expected =
        at::linear(x, linear->dense(at::kDouble), linear->bias().to(at::kDouble));
    EXPECT_TRUE(at::allclose(y, expected, 1e-12, 1e-12));
    const at::Tensor ours = gradients(y.square().sum(), {x}, {})[0];
    const at::Tensor theirs = gradients(expected.square().sum(), {x}, {})[0];
    EXPECT_TRUE(at::allclose(ours, theirs, 1e-12, 1e-12));
}

INSTANTIATE_TEST_SUITE_P(GroupedInt, EveryWidth, ::testing::Values(8, 4, 3, 2));

TEST(GroupedInt, KeepsAGroupOfZerosAtZero) {
    EXPECT_EQ(makeGroupedIntLinear(quantizeGrouped(at::zeros({2, 8}), 4, 4, true), {})
                  ->dense(at::kFloat)
                  .abs()
                  .max()
                  .item<float>(),
              0.0F);
}

TEST(Linear, StopsInBackward) {
    std::stop_source source;
    const RunContext context(source.get_token());
    const LinearPtr linear = makeDenseLinear(waves(3, 4), {});
    const at::Tensor x = waves(2, 4).requires_grad_(true);
    const c10::AutoGradMode grad(true);
    const at::Tensor y = linear->forward(x, context).sum();
    source.request_stop();
    EXPECT_ANY_THROW(gradients(y, {x}, {}));
}

}  // namespace
}  // namespace driftlens
