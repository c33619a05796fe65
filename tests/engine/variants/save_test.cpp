// A variant that is written to disk and read again is the variant that was in memory.
#include "core/base/error.h"
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "engine/variants/inspect.h"
#include "engine/variants/variant.h"
#include "tests/support/fixtures.h"
#include "tests/support/parity.h"

#include <gtest/gtest.h>

#include <unistd.h>

namespace driftlens {
namespace {

class Saved : public ::testing::TestWithParam<std::string> {
protected:
    void TearDown() override { std::filesystem::remove_all(m_out); }

    const std::filesystem::path m_out =
        std::filesystem::temp_directory_path() / ("driftlens-saved-" + std::to_string(::getpid()));
};

// Every layout that a family stores its weights in: transposed, fused, by heads, stacked, sharded.
TEST_P(Saved, GivesTheSameWeightsAndLogitsWhenItIsReadAgain) {
    REQUIRE_SHARED(folder, "data/" + GetParam());
    const VariantSpec spec = VariantSpec::parse(folder.string() + "@int8");
    const auto variant = VariantLoader().load(spec, {}, false, {}).model;
    saveVariant(spec, m_out, {});
    const LoadedModel again = loadModel(Checkpoint::open(m_out));
    EXPECT_TRUE(again.unused.empty());
    for (const std::string& name : variant->blockLinearNames()) {
        const at::Tensor kept = variant->weights().linears.at(name)->dense(at::kFloat);
        EXPECT_TRUE(at::equal(again.model->weights().linears.at(name)->dense(at::kFloat), kept))
            << name;
    }
    ForwardInput input;
    input.ids = at::arange(5, 17, at::kLong).unsqueeze(0);
    EXPECT_TRUE(at::allclose(again.model->forward(input, {}, {}, {}).logits,
                             variant->forward(input, {}, {}, {}).logits, 1e-5, 1e-6));
}

std::vector<std::string> everyLayout() {
    std::vector<std::string> out = {"compressed/ct/fp8-tensor", "compressed/bnb/gpt2-nf4",
                                    "compressed/gptq/llama-4bit-g32-sym-v1"};
    for (const std::string& name : tinyTextModels()) out.push_back("hf-tiny/" + name);
    return out;
}

INSTANTIATE_TEST_SUITE_P(Layouts, Saved, ::testing::ValuesIn(everyLayout()), [](const auto& row) {
    std::string name = row.param.substr(row.param.rfind('/') + 1);
    for (char& c : name) c = c == '-' ? '_' : c;
    return name;
});

// It was written as plain weights, and read again computed something else.
TEST(SaveVariant, RefusesWhatAFolderCannotSay) {
    const auto refusal = [](const std::string& variant) -> std::string {
        const std::filesystem::path out = std::filesystem::temp_directory_path() /
                                          ("driftlens-refused-" + std::to_string(::getpid()));
        try {
            saveVariant(VariantSpec::parse(variant), out, {});
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Unsupported);
            EXPECT_FALSE(std::filesystem::exists(out));
            return error.what();
        }
        std::filesystem::remove_all(out);
        return "written";
    };
    EXPECT_NE(refusal("samples/sentiment-bert-mini@llm_int8").find("rounds activations"),
              std::string::npos);
    REQUIRE_SHARED(peft, "data/compressed/peft");
    const std::string base = (peft / "base-gpt2").string();
    EXPECT_NE(
        refusal(base + "@adapter=\"" + (peft / "gpt2-prefix").string() + "\"").find("virtual"),
        std::string::npos);
}

}  // namespace
}  // namespace driftlens
