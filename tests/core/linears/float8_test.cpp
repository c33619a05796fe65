// Weights of 8-bit floats: the value of every code, scales of every grain, whole checkpoints.
#include "core/linears/float8.h"

#include "core/base/error.h"
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"

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

// Logits of checkpoints that compressed-tensors wrote, with a scale per tensor and per row.
TEST(Float8, CheckpointsGiveTheirKnownLogits) {
    for (const std::string name : {"fp8-tensor", "fp8-channel-dynamic"}) {
        REQUIRE_SHARED(folder, "data/compressed/ct/" + name);
        const LoadedModel loaded = loadModel(Checkpoint::open(folder));
        EXPECT_TRUE(loaded.unused.empty());
        EXPECT_EQ(loaded.warnings.size(), name == "fp8-tensor" ? 0U : 1U);
        const Json golden = readJsonFile(folder / "golden.json");
        const auto file = readSafetensors(MappedFile::open(folder / "golden.safetensors"));
        const double tolerance = golden["reference_logits"]["suggested_atol"].get<double>();
        std::size_t compared = 0;
        for (const StoredTensor& stored : file.tensors) {
            if (!stored.name.starts_with("logits.p")) continue;
            const auto prompt = static_cast<std::size_t>(std::stoi(stored.name.substr(8)));
            ForwardInput input;
            input.ids =
                at::tensor(golden["token_ids"][prompt].get<std::vector<std::int64_t>>(), at::kLong)
                    .unsqueeze(0);
            const at::Tensor logits = loaded.model->forward(input, {}, {}, {}).logits[0];
            EXPECT_LE((logits - viewOf(stored)).abs().max().item<double>(), tolerance)
                << name << " " << stored.name;
            ++compared;
        }
        EXPECT_EQ(compared, 5U);
    }
}

}  // namespace
}  // namespace driftlens
