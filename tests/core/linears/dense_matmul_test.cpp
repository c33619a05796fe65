// The product behind every Linear, small and large, against float64.
#include "core/linears/dense_matmul.h"

#include "core/linears/linear.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftlens {
namespace {

struct Size {
    std::int64_t rows, in, out;
};

class DenseMatmul : public ::testing::TestWithParam<Size> {
protected:
    at::Tensor x = at::arange(GetParam().rows * GetParam().in, at::kFloat)
                       .mul(0.37)
                       .sin()
                       .view({1, GetParam().rows, GetParam().in});
    at::Tensor weight = at::arange(GetParam().out * GetParam().in, at::kFloat)
                            .mul(0.11)
                            .cos()
                            .view({GetParam().out, GetParam().in});
    at::Tensor bias = at::arange(GetParam().out, at::kFloat).mul(0.5).sin();

    // A sum of n products of at most 1, added in blocks: its rounding is below √n · ε of the
    // magnitudes' sum, which is below n (Higham 2002, section 4.2, for any order: n · ε).
    static void expectProduct(const at::Tensor& found, const at::Tensor& wanted,
                              std::int64_t summands = GetParam().in) {
        const auto n = static_cast<double>(summands);
        const double tolerance = 0x1p-23 * std::sqrt(n) * n;
        ASSERT_EQ(found.sizes(), wanted.sizes());
        EXPECT_LE((found.to(at::kDouble) - wanted).abs().max().item<double>(), tolerance);
    }
    static at::Tensor wide(const at::Tensor& t) { return t.to(at::kDouble); }
};

TEST_P(DenseMatmul, EqualsTheProductInFloat64) {
    const at::Tensor wanted = at::linear(wide(x), wide(weight), wide(bias));
    for (const MatmulLibrary library : {MatmulLibrary::OneDnn, MatmulLibrary::Default}) {
        expectProduct(denseMatmul(x, weight, bias, library), wanted);
        expectProduct(denseMatmul(x, weight, {}, library), wanted - wide(bias));
        // The transposed view that backward uses.
        expectProduct(denseMatmul(x, weight.t().contiguous().t(), bias, library), wanted);
    }
}

TEST_P(DenseMatmul, TakesInputsThatAreNoContiguousRows) {
    const at::Tensor apart = at::stack({x, x + 1.0}, -1).select(-1, 0);
    const at::Tensor wanted = at::linear(wide(x), wide(weight), wide(bias));
    expectProduct(denseMatmul(apart, weight, bias, MatmulLibrary::OneDnn), wanted);
    expectProduct(denseMatmul(apart, weight, bias, MatmulLibrary::Default), wanted);
}

TEST_P(DenseMatmul, GivesALinearItsGradientInX) {
    const LinearPtr linear = makeDenseLinear(weight, bias);
    const c10::AutoGradMode on(true);
    const at::Tensor moved = x.clone().requires_grad_(true);
    const at::Tensor y = linear->forward(moved, {});
    y.backward(at::ones_like(y));
    expectProduct(moved.grad(), wide(weight).sum(0).expand_as(x), GetParam().out);
}

INSTANTIATE_TEST_SUITE_P(SmallAndLarge, DenseMatmul,
                         ::testing::Values(Size{3, 5, 7}, Size{300, 256, 300}, Size{1, 64, 50000}),
                         [](const auto& size) {
                             return std::to_string(size.param.rows) + "x" +
                                    std::to_string(size.param.in) + "x" +
                                    std::to_string(size.param.out);
                         });

}  // namespace
}  // namespace driftlens
