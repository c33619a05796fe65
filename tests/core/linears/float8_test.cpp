// Weights of 8-bit floats: the value of every code, and the scale of its tile.
#include "core/linears/float8.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftlens {
namespace {

// OCP 8-bit floating point specification 1.0, section 5: E4M3 has no infinities.
double e4m3(int code) {
    const int exponent = (code >> 3) & 15, mantissa = code & 7;
    const double sign = (code & 128) != 0 ? -1.0 : 1.0;
    if (exponent == 15 && mantissa == 7) return std::nan("");
    if (exponent == 0) return sign * std::ldexp(mantissa, -9);
    return sign * std::ldexp(8 + mantissa, exponent - 10);
}

TEST(Float8, EveryCodeHasItsValueTimesTheScaleOfItsTile) {
    at::Tensor codes = at::arange(256, at::kByte).view({16, 16});
    codes.masked_fill_((codes == 127).logical_or(codes == 255), 0);  // NaN
    Float8Weight weight;
    weight.weight = codes.view(at::kFloat8_e4m3fn);
    weight.columnsPerScale = 6;  // the last tile is 4 wide
    weight.scale = at::arange(1, 49, at::kFloat).view({16, 3});
    const at::Tensor dense = makeFloat8Linear(weight, {})->dense(at::kDouble);
    for (int row = 0; row < 16; ++row) {
        for (int column = 0; column < 16; ++column) {
            const double scale = 1.0 + row * 3 + column / 6;
            // One float32 product of an exact value and an exact scale: exact here (≤ 24 bits).
            EXPECT_EQ(dense[row][column].item<double>(),
                      e4m3(codes[row][column].item<int>()) * scale);
        }
    }
}

}  // namespace
}  // namespace driftlens
