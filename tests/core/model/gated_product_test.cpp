// The hidden layer of gated MLPs: value and both gradients are those of the plain product.
#include "core/model/gated_product.h"

#include "core/model/modules.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

class GatedProductOf : public ::testing::TestWithParam<Activation> {};

TEST_P(GatedProductOf, HasTheValueAndGradientsOfThePlainProduct) {
    const at::Tensor points = at::arange(-6.0, 6.0, 0.37, at::kDouble);
    const c10::AutoGradMode on(true);
    const auto factors = [&] {
        return std::pair(points.clone().requires_grad_(true),
                         (points.sin() + 2.0).requires_grad_(true));
    };
    const auto [gate, up] = factors();
    const auto [plainGate, plainUp] = factors();
    const at::Tensor found = gatedProduct(GetParam(), gate, up);
    const at::Tensor wanted = applyActivation(GetParam(), plainGate) * plainUp;
    EXPECT_LE((found - wanted).abs().max().item<double>(), 1e-15);
    const at::Tensor slope = points.cos();
    found.backward(slope);
    wanted.backward(slope);
    EXPECT_LE((gate.grad() - plainGate.grad()).abs().max().item<double>(), 1e-14);
    EXPECT_LE((up.grad() - plainUp.grad()).abs().max().item<double>(), 1e-14);
}

TEST_P(GatedProductOf, LeavesItsFactorsAsTheyAre) {
    const at::Tensor gate = at::arange(-3.0, 3.0, 0.5, at::kDouble);
    const at::Tensor before = gate.clone();
    gatedProduct(GetParam(), gate, gate + 1.0);
    EXPECT_TRUE(at::equal(gate, before));
}

INSTANTIATE_TEST_SUITE_P(Activations, GatedProductOf,
                         ::testing::Values(Activation::GeluErf, Activation::GeluTanh,
                                           Activation::Silu, Activation::Relu));

}  // namespace
}  // namespace driftlens
