// GPTQ, AWQ, bitsandbytes and compressed-tensors against the values their own libraries give.
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/files/checkpoint.h"
#include "core/quantized/awq.h"
#include "core/quantized/bitsandbytes.h"
#include "core/quantized/compressed_tensors.h"
#include "core/quantized/gptq.h"
#include "core/quantized/sparse_bitmask.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

PackedMatrixPtr makeGptq(const PackedSource& source, const Json& config) {
    GptqSettings settings{config["bits"].get<int>(), config["group_size"].get<std::int64_t>(),
                          GptqZeros::PlusOneWithCarry};
    if (config.value("checkpoint_format", "gptq") == "gptq_v2") {
        settings.zeros = GptqZeros::AsStored;
    }
    return makeGptqMatrix(source, settings);
}

PackedMatrixPtr makeAwq(const PackedSource& source, const Json& config) {
    const bool isGemv = config.value("version", "gemm") == "gemv";
    return makeAwqMatrix(source,
                         {config["bits"].get<int>(), config["group_size"].get<std::int64_t>(),
                          isGemv ? AwqLayout::Gemv : AwqLayout::Gemm});
}

PackedMatrixPtr makeBitsandbytes(const PackedSource& source, const Json& config) {
    return config["load_in_4bit"].get<bool>() ? makeBitsandbytes4Matrix(source)
                                              : makeBitsandbytes8Matrix(source);
}

PackedMatrixPtr makeCompressedTensors(const PackedSource& source, const Json& config) {
    if (config.contains("sparsity_config")) {
        const bool is24 = config["sparsity_config"]["format"] == "sparse-24-bitmask";
        return makeSparseMatrix(source, is24 ? SparseFormat::Bitmask24 : SparseFormat::Bitmask);
    }
    const Json& group = config["config_groups"]["group_0"];
    const Json& weights = group["weights"];
    CompressedTensorsSettings settings;
    settings.format = compressedTensorsFormat(config["format"].get<std::string>());
    settings.bits = weights["num_bits"].get<int>();
    settings.symmetric = weights["symmetric"].get<bool>();
    if (weights.contains("group_size") && !weights["group_size"].is_null()) {
        settings.groupSize = weights["group_size"].get<std::int64_t>();
    }
    return makeCompressedTensorsMatrix(source, settings);
}

// Tensors the golden holds in full, as numbers: 0 equals −0.
void compareStored(const fs::path& golden, const std::string& name, const std::vector<float>& whole,
                   int& compared) {
    for (const StoredTensor& stored : readSafetensors(MappedFile::open(golden)).tensors) {
        if (stored.name != "dequant." + name && stored.name != "rows." + name) continue;
        for (std::size_t i = 0; i < stored.bytes.size() / sizeof(float); ++i) {
            ASSERT_EQ(whole[i], elementOf<float>(stored, i)) << golden << ' ' << name << ' ' << i;
        }
        ++compared;
    }
}

struct Scheme {
    std::string folder;
    int tensors;  // with a golden
    PackedMatrixPtr (*make)(const PackedSource&, const Json&);
};

const std::vector<Scheme> kSchemes = {{"gptq", 88, &makeGptq},
                                      {"awq", 27, &makeAwq},
                                      {"bnb", 120, &makeBitsandbytes},
                                      {"ct", 202, &makeCompressedTensors}};

class EveryScheme : public ::testing::TestWithParam<Scheme> {};

std::vector<float> rowsOf(const PackedMatrix& matrix, std::int64_t first, std::int64_t count) {
    std::vector<float> out(static_cast<std::size_t>(count * matrix.size().columns));
    matrix.dequantize(first, count, out);
    return out;
}

std::string hashOf(const std::vector<float>& weights) {
    return toHex(sha256(std::as_bytes(std::span(weights))));
}

// The goldens of sparse checkpoints were taken before packing: pruned weights are 0 or −0 there,
// and the packed file does not say which.
bool hasSignedZeros(const fs::path& checkpoint) {
    return checkpoint.filename().string().starts_with("sparse-");
}

void expectMagnitudes(const std::vector<float>& weights, const Json& expected) {
    double sum = 0.0;
    double largest = 0.0;
    for (const float weight : weights) {
        sum += std::fabs(weight);
        largest = std::max(largest, std::fabs(static_cast<double>(weight)));
    }
    EXPECT_EQ(largest, expected["max_abs"].get<double>());
    EXPECT_NEAR(sum / static_cast<double>(weights.size()), expected["mean_abs"].get<double>(),
                1e-7);
}

// Any tile of rows has the bits the whole matrix has there.
void expectTilesAgree(const PackedMatrix& matrix, const std::vector<float>& whole) {
    const auto [rows, columns] = matrix.size();
    for (const std::int64_t first : {std::int64_t{0}, std::int64_t{1}, rows / 2, rows - 1}) {
        for (const std::int64_t count : {std::int64_t{0}, std::int64_t{1}, std::int64_t{17}}) {
            if (first + count > rows) continue;
            const std::vector<float> tile = rowsOf(matrix, first, count);
            EXPECT_EQ(std::memcmp(tile.data(), whole.data() + first * columns,
                                  tile.size() * sizeof(float)),
                      0)
                << matrix.form() << ' ' << first << ' ' << count;
        }
    }
    std::vector<float> row(static_cast<std::size_t>(columns));
    EXPECT_THROW(matrix.dequantize(rows, 1, row), Error);
    EXPECT_THROW(matrix.dequantize(-1, 1, row), Error);
    EXPECT_THROW(matrix.dequantize(0, 2, row), Error);
}

TEST_P(EveryScheme, HasTheBitsOfItsGoldens) {
    REQUIRE_SHARED(folder, "data/compressed/" + GetParam().folder);
    int checked = 0;
    int compared = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const Json golden = readJsonFile(entry.path() / "golden.json");
        const Checkpoint checkpoint = Checkpoint::open(entry.path());
        for (const auto& [name, expected] : golden["tensors"].items()) {
            const std::string module = name.substr(0, name.rfind('.'));
            const PackedSource source{checkpoint.tensors(),
                                      module,
                                      {expected["shape"][0].get<std::int64_t>(),
                                       expected["shape"][1].get<std::int64_t>()}};
            const PackedMatrixPtr matrix =
                GetParam().make(source, checkpoint.config()["quantization_config"]);
            const std::vector<float> whole = rowsOf(*matrix, 0, matrix->size().rows);
            if (hasSignedZeros(entry.path())) {
                expectMagnitudes(whole, expected);
            } else {
                EXPECT_EQ(hashOf(whole), expected["sha256_f32le"].get<std::string>())
                    << entry.path() << ' ' << name;
            }
            EXPECT_GT(matrix->storedBytes(), 0U);
            expectTilesAgree(*matrix, whole);
            compareStored(entry.path() / "golden.safetensors", name, whole, compared);
            ++checked;
        }
    }
    EXPECT_EQ(checked, GetParam().tensors);
    EXPECT_GT(compared, 0);
}

// What the damaged checkpoints need, from their configuration.
std::map<std::string, MatrixSize> modulesOfMalformed() {
    const std::string layer = "model.layers.0.";
    return {{layer + "self_attn.q_proj", {16, 16}}, {layer + "self_attn.k_proj", {8, 16}},
            {layer + "self_attn.v_proj", {8, 16}},  {layer + "self_attn.o_proj", {16, 16}},
            {layer + "mlp.gate_proj", {48, 16}},    {layer + "mlp.up_proj", {48, 16}},
            {layer + "mlp.down_proj", {16, 48}}};
}

TEST_P(EveryScheme, RefusesDamagedCheckpointsByName) {
    REQUIRE_SHARED(folder, "data/compressed/malformed");
    // Names of versions and formats in the configuration are read elsewhere.
    const std::set<std::string> elsewhere = {"checkpoints/gptq-format-unknown",
                                             "checkpoints/awq-version-unknown"};
    const Json cases = readJsonFile(folder / "expected.json")["cases"];
    int checked = 0;
    for (const auto& [name, expected] : cases.items()) {
        if (!name.starts_with("checkpoints/" + GetParam().folder) || elsewhere.contains(name)) {
            continue;
        }
        ++checked;
        const auto makeAll = [&] {
            const Checkpoint checkpoint = Checkpoint::open(folder / name);
            for (const auto& [module, size] : modulesOfMalformed()) {
                const PackedSource source{checkpoint.tensors(), module, size};
                GetParam().make(source, checkpoint.config()["quantization_config"]);
            }
        };
        if (expected["must"] == "accept") {
            EXPECT_NO_THROW(makeAll()) << name;
            continue;
        }
        try {
            makeAll();
            ADD_FAILURE() << name << " was accepted";
        } catch (const Error& error) {
            EXPECT_TRUE(error.kind() == ErrorKind::InputFile ||
                        error.kind() == ErrorKind::Unsupported)
                << name << ": " << error.what();
            const bool isFormat = name.find("format") != std::string::npos;
            EXPECT_NE(std::string(error.what()).find(isFormat ? "format" : "model.layers.0."),
                      std::string::npos)
                << name << ": " << error.what();
        }
    }
    EXPECT_GE(checked, 4);
}

INSTANTIATE_TEST_SUITE_P(Schemes, EveryScheme, ::testing::ValuesIn(kSchemes),
                         [](const auto& tested) { return tested.param.folder; });

TEST(Gptq, SaysWhetherZeroPointsAreAmbiguousAndReadsBothWays) {
    REQUIRE_SHARED(folder, "data/compressed/gptq");
    const fs::path ambiguous = folder / "llama-4bit-g32-asym-v1-zero0";
    const Json golden = readJsonFile(ambiguous / "golden.json");
    const Checkpoint checkpoint = Checkpoint::open(ambiguous);
    for (const auto& [name, expected] : golden["tensors"].items()) {
        const PackedSource source{
            checkpoint.tensors(),
            name.substr(0, name.rfind('.')),
            {expected["shape"][0].get<std::int64_t>(), expected["shape"][1].get<std::int64_t>()}};
        const GptqSettings fieldwise{4, 32, GptqZeros::PlusOne};
        const PackedMatrixPtr matrix = makeGptqMatrix(source, fieldwise);
        EXPECT_EQ(hashOf(rowsOf(*matrix, 0, matrix->size().rows)),
                  expected["other_zero_rule"]["sha256_f32le"].get<std::string>())
            << name;
        EXPECT_TRUE(hasAmbiguousZeros(source, fieldwise)) << name;
        EXPECT_FALSE(hasAmbiguousZeros(source, {4, 32, GptqZeros::AsStored})) << name;
    }
    const Checkpoint plain = Checkpoint::open(folder / "llama-4bit-g32-sym-v1");
    EXPECT_FALSE(hasAmbiguousZeros({plain.tensors(), "model.layers.0.mlp.down_proj", {128, 256}},
                                   {4, 32, GptqZeros::PlusOne}));
}

// Tensors in the making, for what no fixture has.
class Synthetic {
public:
    template <typename T>
    void add(const std::string& name, ElementType type, std::vector<std::int64_t> shape,
             const std::vector<T>& values) {
        auto bytes = std::make_shared<std::vector<std::byte>>(values.size() * sizeof(T));
        std::memcpy(bytes->data(), values.data(), bytes->size());
        m_kept.push_back(bytes);
        m_tensors["m." + name] = {"m." + name, type, std::move(shape), *bytes, nullptr};
    }
    PackedSource source(std::int64_t rows, std::int64_t columns) const {
        return {m_tensors, "m", {rows, columns}};
    }

private:
    std::vector<std::shared_ptr<std::vector<std::byte>>> m_kept;
    std::map<std::string, StoredTensor, std::less<>> m_tensors;
};

// Codes of one row, (7 i) mod 2^bits, as words; perWord 0: a dense stream.
std::vector<std::uint32_t> wordsOf(int bits, std::size_t count, std::size_t perWord) {
    std::vector<std::uint32_t> words;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t bit =
            perWord == 0 ? i * static_cast<std::size_t>(bits)
                         : i / perWord * 32 + i % perWord * static_cast<std::size_t>(bits);
        const std::uint64_t code = (7 * i) & ((1U << bits) - 1U);
        const std::uint64_t shifted = code << (bit % 32);
        words.resize(std::max(words.size(), (bit + static_cast<std::size_t>(bits) + 31) / 32));
        words[bit / 32] |= static_cast<std::uint32_t>(shifted);
        if (shifted >> 32U != 0) words[bit / 32 + 1] |= static_cast<std::uint32_t>(shifted >> 32U);
    }
    return words;
}

TEST(CompressedTensors, TellsBothPackingsApartByTheNumberOfWords) {
    constexpr std::int64_t kColumns = 700;
    for (int bits = 2; bits <= 8; ++bits) {
        for (const bool isDense : {true, false}) {
            const auto perWord = static_cast<std::size_t>(isDense ? 0 : 32 / bits);
            const auto words = wordsOf(bits, kColumns, perWord);
            Synthetic parts;
            parts.add<std::uint32_t>("weight_packed", ElementType::I32,
                                     {1, static_cast<std::int64_t>(words.size())}, words);
            parts.add<std::int64_t>("weight_shape", ElementType::I64, {2}, {1, kColumns});
            parts.add<float>("weight_scale", ElementType::F32, {1, 1}, {0.5F});
            CompressedTensorsSettings settings;
            settings.bits = bits;
            const auto matrix = makeCompressedTensorsMatrix(parts.source(1, kColumns), settings);
            const std::vector<float> row = rowsOf(*matrix, 0, 1);
            for (int i = 0; i < kColumns; ++i) {
                const int code = ((7 * i) & ((1 << bits) - 1)) - (1 << (bits - 1));
                EXPECT_EQ(row[static_cast<std::size_t>(i)], 0.5F * static_cast<float>(code))
                    << bits << ' ' << isDense << ' ' << i;
            }
        }
    }
}

// Eight codes of seven bits fill two words in either packing, with other bits.
TEST(CompressedTensors, RefusesPackingsItCannotTellApart) {
    Synthetic parts;
    parts.add<std::uint32_t>("weight_packed", ElementType::I32, {1, 2}, {0, 0});
    parts.add<std::int64_t>("weight_shape", ElementType::I64, {2}, {1, 8});
    parts.add<float>("weight_scale", ElementType::F32, {1, 1}, {1.0F});
    CompressedTensorsSettings settings;
    settings.bits = 7;
    EXPECT_THROW(makeCompressedTensorsMatrix(parts.source(1, 8), settings), Error);
}

TEST(CompressedTensors, RefusesGroupsThatDoNotExistAndUnknownFormats) {
    Synthetic parts;
    parts.add<std::int8_t>("weight", ElementType::I8, {1, 4}, {1, -2, 3, -128});
    parts.add<float>("weight_scale", ElementType::F32, {1, 2}, {1.0F, 2.0F});
    CompressedTensorsSettings settings;
    settings.format = CompressedTensorsFormat::IntQuantized;
    settings.bits = 8;
    settings.groupSize = 2;
    const auto made = [&] { return makeCompressedTensorsMatrix(parts.source(1, 4), settings); };
    EXPECT_EQ(rowsOf(*made(), 0, 1), (std::vector<float>{1.0F, -2.0F, 6.0F, -256.0F}));
    parts.add<std::int32_t>("weight_g_idx", ElementType::I32, {4}, {-1, -1, -1, -1});
    EXPECT_EQ(rowsOf(*made(), 0, 1), (std::vector<float>{1.0F, -2.0F, 6.0F, -256.0F}));
    parts.add<std::int32_t>("weight_g_idx", ElementType::I32, {4}, {1, 0, 0, 1});
    EXPECT_EQ(rowsOf(*made(), 0, 1), (std::vector<float>{2.0F, -2.0F, 3.0F, -256.0F}));
    parts.add<std::int32_t>("weight_g_idx", ElementType::I32, {4}, {0, 0, 2, 1});
    EXPECT_THROW(made(), Error);
    parts.add<std::int32_t>("weight_g_idx", ElementType::I32, {4}, {0, -1, 1, 1});
    EXPECT_THROW(made(), Error);
    EXPECT_THROW(compressedTensorsFormat("marlin-24"), Error);
}

TEST(Sparse, RefusesMasksOffsetsAndValuesThatContradictEachOther) {
    const auto sparse = [](std::vector<std::uint8_t> mask, std::vector<std::int64_t> offsets,
                           std::vector<float> values) {
        Synthetic parts;
        parts.add<std::int64_t>("weight.shape", ElementType::I64, {2}, {2, 5});
        parts.add("weight.bitmask", ElementType::U8, {2, 1}, mask);
        parts.add("weight.row_offsets", ElementType::I64, {2}, offsets);
        parts.add("weight.compressed", ElementType::F32, {static_cast<std::int64_t>(values.size())},
                  values);
        return rowsOf(*makeSparseMatrix(parts.source(2, 5), SparseFormat::Bitmask), 0, 2);
    };
    EXPECT_EQ(sparse({0b10001, 0b00010}, {0, 2}, {1, 2, 3}),
              (std::vector<float>{1, 0, 0, 0, 2, 0, 3, 0, 0, 0}));
    EXPECT_THROW(sparse({0b10001, 0b00010}, {0, 2}, {1, 2}), Error);        // a value too few
    EXPECT_THROW(sparse({0b10001, 0b00010}, {0, 2}, {1, 2, 3, 4}), Error);  // too many
    EXPECT_THROW(sparse({0b10001, 0b00010}, {0, 1}, {1, 2, 3}), Error);
    EXPECT_THROW(sparse({0b10001, 0b00010}, {0, -2}, {1, 2, 3}), Error);
    EXPECT_THROW(sparse({0b100001, 0b00010}, {0, 2}, {1, 2, 3}), Error);  // column 5 of 5
    EXPECT_THROW(sparse({0b10001, 0b00010}, {0, 2}, {1, NAN, 3}), Error);
}

TEST(PackedSources, RefuseSizesThatWouldOverflow) {
    Synthetic parts;
    for (const auto& [rows, columns] : std::vector<std::pair<std::int64_t, std::int64_t>>{
             {0, 8}, {8, -8}, {std::int64_t{1} << 62, 32}, {32, std::int64_t{1} << 62}}) {
        const PackedSource source = parts.source(rows, columns);
        EXPECT_THROW(makeGptqMatrix(source, {}), Error);
        EXPECT_THROW(makeAwqMatrix(source, {}), Error);
        EXPECT_THROW(makeBitsandbytes4Matrix(source), Error);
        EXPECT_THROW(makeBitsandbytes8Matrix(source), Error);
        EXPECT_THROW(makeCompressedTensorsMatrix(source, {}), Error);
        EXPECT_THROW(makeSparseMatrix(source, SparseFormat::Bitmask), Error);
    }
}

}  // namespace
}  // namespace driftlens
