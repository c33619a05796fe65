// Every block format against ggml's own dequantiser, bit for bit, or against its closed form.
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/files/gguf.h"
#include "core/files/safetensors.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

std::vector<float> weightsOf(const GgufTensor& tensor) {
    std::vector<float> out(static_cast<std::size_t>(tensor.elementCount()));
    tensor.dequantize(0, tensor.rowCount(), out);
    return out;
}

// The golden of one file, and which formats it covers.
struct GoldenCheck {
    int hashed = 0;
    int compared = 0;
    std::set<std::string> formats;
};

// Tensors stored in full ("dequant.X") or by their first rows ("rows.X"), beside the hashes.
void compareStoredRows(const fs::path& golden, const GgufFile& model, GoldenCheck& check) {
    for (const StoredTensor& stored : readSafetensors(MappedFile::open(golden)).tensors) {
        const bool isFull = stored.name.starts_with("dequant.");
        if (!isFull && !stored.name.starts_with("rows.")) continue;
        const GgufTensor* tensor = model.find(stored.name.substr(stored.name.find('.') + 1));
        ASSERT_NE(tensor, nullptr) << stored.name;
        if (!tensor->format->isSupported()) continue;
        std::vector<float> got(static_cast<std::size_t>(stored.elementCount()));
        tensor->dequantize(0, stored.elementCount() / tensor->rowLength(), got);
        ASSERT_EQ(got.size() * sizeof(float), stored.bytes.size()) << stored.name;
        EXPECT_EQ(std::memcmp(got.data(), stored.bytes.data(), stored.bytes.size()), 0)
            << golden << ' ' << stored.name;
        ++check.compared;
    }
}

void checkGolden(const fs::path& golden, GoldenCheck& check) {
    const Json expected = readJsonFile(golden);
    const std::string file = expected.contains("files") ? expected["files"][0].get<std::string>()
                                                        : expected["file"].get<std::string>();
    const GgufFile model = GgufFile::open(golden.parent_path() / file);
    EXPECT_EQ(model.tensors().size(), expected["tensors"].size()) << golden;
    for (const auto& [name, row] : expected["tensors"].items()) {
        const GgufTensor* tensor = model.find(name);
        ASSERT_NE(tensor, nullptr) << golden << ' ' << name;
        EXPECT_EQ(tensor->format->name, row["stored_as"].get<std::string>()) << name;
        EXPECT_EQ(tensor->shape, row["shape"].get<std::vector<std::int64_t>>()) << name;
        if (!tensor->format->isSupported()) continue;
        const std::vector<float> weights = weightsOf(*tensor);
        EXPECT_EQ(toHex(sha256(std::as_bytes(std::span(weights)))),
                  row["sha256_f32le"].get<std::string>())
            << golden << ' ' << name;
        check.formats.insert(std::string(tensor->format->name));
        ++check.hashed;
    }
    fs::path stored = golden;
    compareStoredRows(stored.replace_extension(".safetensors"), model, check);
}

GoldenCheck checkGoldensBelow(const fs::path& folder) {
    GoldenCheck check;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().string().ends_with(".golden.json")) checkGolden(entry.path(), check);
    }
    return check;
}

TEST(BlockGoldens, EveryTensorHasTheBitsOfGgml) {
    REQUIRE_SHARED(folder, "data/compressed/gguf");
    const GoldenCheck check = checkGoldensBelow(folder);
    EXPECT_GE(check.hashed, 500);
    EXPECT_GE(check.compared, 49);
    RecordProperty("hashed", check.hashed);
    RecordProperty("compared", check.compared);
}

// Formats of one number each: what C++ says they are.
template <typename T>
void expectPlain(std::string_view name, const std::vector<T>& stored) {
    const auto rows = blockFormats();
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const BlockFormat& f) { return f.name == name; });
    ASSERT_NE(row, rows.end());
    std::vector<float> got(stored.size());
    dequantizeRows(*row, std::as_bytes(std::span(stored)), got);
    for (std::size_t i = 0; i < stored.size(); ++i) {
        EXPECT_EQ(got[i], static_cast<float>(stored[i])) << name << ' ' << i;
    }
}

const std::set<std::string> kClosedForm = {"I8", "I16", "I32", "I64", "F64"};

TEST(PlainFormats, AreTheNumbersThemselves) {
    expectPlain<float>("F32", {0.0F, -0.0F, 1e-42F, 3.5F});
    expectPlain<std::int8_t>("I8", {-128, 0, 127});
    expectPlain<std::int16_t>("I16", {-32768, 32767});
    expectPlain<std::int32_t>("I32", {INT32_MIN, 16777217, INT32_MAX});
    expectPlain<std::int64_t>("I64", {INT64_MIN, 1LL << 40, INT64_MAX});
    expectPlain<double>("F64", {0.1, -1e300, 1e-50});
}

TEST(PlainFormats, HalfAndBfloat16HaveEveryValue) {
    for (std::uint32_t code = 0; code < 65536; ++code) {
        const auto half = static_cast<std::uint16_t>(code);
        const int exponent = (half >> 10) & 31;
        const double mantissa = half & 1023;
        const double magnitude =
            exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
        const auto expected = static_cast<float>(half >> 15 != 0 ? -magnitude : magnitude);
        float got = 0.0F;
        dequantizeRows(*findBlockFormat(1), std::as_bytes(std::span(&half, 1)), {&got, 1});
        if (exponent < 31) {
            EXPECT_EQ(std::memcmp(&got, &expected, 4), 0) << code;
        } else {
            EXPECT_EQ(std::isnan(got), mantissa != 0) << code;
            EXPECT_EQ(std::signbit(got), half >> 15 != 0) << code;
        }
        dequantizeRows(*findBlockFormat(30), std::as_bytes(std::span(&half, 1)), {&got, 1});
        const std::uint32_t bits = code << 16U;
        EXPECT_EQ(std::memcmp(&got, &bits, 4), 0) << code;
    }
}

// A Q4_0 block that can be worked out by hand.
TEST(BlockFormats, Q4_0IsTheScaleTimesNibblesBelowEight) {
    std::vector<std::uint8_t> block = {0x00, 0x38};  // 0.5
    for (int i = 0; i < 16; ++i) block.push_back(static_cast<std::uint8_t>(i * 0x11));
    std::vector<float> got(32);
    dequantizeRows(*findBlockFormat(2), std::as_bytes(std::span(block)), got);
    for (std::size_t i = 0; i < 32; ++i) {
        EXPECT_EQ(got[i], 0.5F * (static_cast<float>(i % 16) - 8.0F)) << i;
    }
}

class EveryBlockFormat : public ::testing::TestWithParam<BlockFormat> {};

TEST_P(EveryBlockFormat, HasAGoldenOrAClosedForm) {
    const BlockFormat& format = GetParam();
    if (!format.isSupported() || kClosedForm.contains(std::string(format.name))) return;
    REQUIRE_SHARED(folder, "data/compressed/gguf");
    static const GoldenCheck kCheck = checkGoldensBelow(folder);
    EXPECT_TRUE(kCheck.formats.contains(std::string(format.name)));
}

TEST_P(EveryBlockFormat, ChecksSizesAndTakesUnalignedBlocks) {
    const BlockFormat& format = GetParam();
    EXPECT_EQ(findBlockFormat(format.id)->name, format.name);
    constexpr std::size_t kBlocks = 3;
    // One byte off any alignment, in buffers without a spare byte: sanitizers see the rest.
    std::vector<std::byte> packed(1 + kBlocks * format.bytes, std::byte{0x2A});
    std::vector<float> out(kBlocks * format.weights, NAN);
    const std::span<const std::byte> blocks = std::span(packed).subspan(1);
    if (!format.isSupported()) {
        EXPECT_THROW(dequantizeRows(format, blocks, out), Error);
        return;
    }
    dequantizeRows(format, blocks, out);
    for (const float value : out) EXPECT_TRUE(std::isfinite(value));
    // Equal blocks have equal weights: none depends on its neighbours.
    EXPECT_EQ(std::memcmp(out.data(), out.data() + format.weights, format.weights * 4), 0);
    EXPECT_THROW(dequantizeRows(format, blocks, std::span(out).first(out.size() - 1)), Error);
    if (format.bytes > 1) {
        EXPECT_THROW(dequantizeRows(format, std::span(packed), out), Error);
    }
    dequantizeRows(format, {}, {});
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryBlockFormat,
                         ::testing::ValuesIn(blockFormats().begin(), blockFormats().end()),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(BlockFormats, HaveUniqueIdsAndNamesAndNoRemovedOnes) {
    std::set<std::string_view> names;
    for (const BlockFormat& format : blockFormats()) {
        EXPECT_TRUE(names.insert(format.name).second) << format.name;
        EXPECT_EQ(findBlockFormat(format.id), &format) << format.name;
    }
    for (const std::uint32_t removed : {4U, 5U, 31U, 32U, 33U, 36U, 37U, 38U, 43U, ~0U}) {
        EXPECT_EQ(findBlockFormat(removed), nullptr) << removed;
    }
}

}  // namespace
}  // namespace driftlens
