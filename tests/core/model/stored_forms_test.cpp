// Checkpoints in compressed forms give what transformers gives with exactly decoded weights.
#include "core/base/error.h"
#include "core/capture/gradient.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"
#include "tests/support/stored_cases.h"

#include <gtest/gtest.h>

#include <unistd.h>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

class EveryStoredForm : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryStoredForm, GivesTheKnownLogits) {
    REQUIRE_SHARED(compressed, "data/compressed");
    const StoredResult found = compareStored(compressed, GetParam());
    EXPECT_EQ(found.refusal, "");
    EXPECT_EQ(found.compared, 5);
    EXPECT_LE(found.difference, found.tolerance);
}

INSTANTIATE_TEST_SUITE_P(Goldens, EveryStoredForm, ::testing::ValuesIn(storedCases()),
                         [](const auto& row) {
                             std::string name = row.param;
                             for (char& c : name) c = std::isalnum(c) != 0 ? c : '_';
                             return name;
                         });

TEST(StoredForms, UseEveryTensorOfTheirFiles) {
    REQUIRE_SHARED(compressed, "data/compressed");
    for (const std::string& name : storedCases()) {
        if (name.starts_with("gguf/") || name.starts_with("peft/")) continue;
        const LoadedModel loaded = loadModel(Checkpoint::open(compressed / name));
        EXPECT_TRUE(loaded.unused.empty()) << name << ": " << loaded.unused.front();
    }
}

TEST(StoredForms, SayWhatTheyLeaveOut) {
    const auto warnings = [](const std::string& name) -> std::vector<std::string> {
        const auto folder = sharedPath("data/compressed/" + name);
        return folder ? loadModel(Checkpoint::open(*folder)).warnings : std::vector<std::string>();
    };
    REQUIRE_SHARED(root, "data/compressed");
    EXPECT_NE(warnings("ct/w8a8-channel-int").at(0).find("activations"), std::string::npos);
    EXPECT_NE(warnings("bnb/llama-int8").at(0).find("LLM.int8"), std::string::npos);
    EXPECT_NE(warnings("gptq/llama-4bit-g32-asym-v1-zero0").at(0).find("zero points"),
              std::string::npos);
    EXPECT_TRUE(warnings("gptq/llama-4bit-g32-sym-v1").empty());
}

// Weights of "fp8" checkpoints have a scale per tile, whose last row and column may be cut.
class TiledFloat8 : public ::testing::Test {
protected:
    void SetUp() override {
        fs::create_directories(m_folder);
        fs::copy(kSample / "config.json", m_folder / "config.json");
    }
    void TearDown() override { fs::remove_all(m_folder); }

    // The sample with one matrix in 8-bit floats; the scales are 1, 2, 3, … of each tile.
    void write(std::int64_t tileRows, std::int64_t tileColumns, std::int64_t missing) {
        const Checkpoint sample = Checkpoint::open(kSample);
        const at::Tensor whole = viewOf(*sample.find(kName));
        const std::int64_t rows = (whole.size(0) + tileRows - 1) / tileRows;
        const std::int64_t columns = (whole.size(1) + tileColumns - 1) / tileColumns - missing;
        m_codes = (whole * 8).to(at::kFloat8_e4m3fn);
        m_scales = at::arange(1, rows * columns + 1, at::kFloat).view({rows, columns});
        std::vector<TensorToWrite> out;
        const auto add = [&](const std::string& name, ElementType type, const at::Tensor& t) {
            out.push_back({name,
                           type,
                           t.sizes().vec(),
                           {static_cast<const std::byte*>(t.const_data_ptr()),
                            static_cast<std::size_t>(t.numel() * t.element_size())}});
        };
        for (const auto& [name, stored] : sample.tensors()) {
            if (name != kName) out.push_back({name, stored.type, stored.shape, stored.bytes});
        }
        add(kName, ElementType::F8E4M3, m_codes);
        add(kName + "_scale_inv", ElementType::F32, m_scales);
        writeSafetensors(m_folder / "model.safetensors", std::move(out));
        Json config = sample.config();
        config["quantization_config"] = {{"quant_method", "fp8"},
                                         {"weight_block_size", {tileRows, tileColumns}}};
        writeFileAtomically(m_folder / "config.json", config.dump());
    }

    inline static const fs::path kSample = "samples/retrieval-llama-mini";
    inline static const std::string kName = "model.layers.0.mlp.up_proj.weight";
    const fs::path m_folder =
        fs::temp_directory_path() / ("driftlens-fp8-" + std::to_string(::getpid()));
    at::Tensor m_codes, m_scales;
};

TEST_F(TiledFloat8, EveryWeightIsItsCodeTimesTheScaleOfItsTile) {
    write(24, 40, 0);
    const auto model = loadModel(Checkpoint::open(m_folder)).model;
    const at::Tensor dense = model->weights().linears.at("blocks.0.mlp.up_proj")->dense(at::kFloat);
    const at::Tensor codes = m_codes.to(at::kFloat);
    for (std::int64_t r = 0; r < dense.size(0); r += 5) {
        for (std::int64_t c = 0; c < dense.size(1); c += 7) {
            EXPECT_EQ(dense[r][c].item<float>(),
                      codes[r][c].item<float>() * m_scales[r / 24][c / 40].item<float>());
        }
    }
}

TEST_F(TiledFloat8, ScalesThatDoNotCoverTheMatrixAreRefused) {
    write(24, 16, 1);
    try {
        loadModel(Checkpoint::open(m_folder));
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::InputFile);
        EXPECT_NE(std::string(error.what()).find("tiles"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace driftlens
