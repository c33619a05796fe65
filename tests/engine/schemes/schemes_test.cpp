// Every scheme against weight errors that an independent implementation measured.
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "engine/schemes/scheme.h"
#include "tests/support/adapter_writer.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <map>

namespace driftlens {
namespace {

std::shared_ptr<const Model> apply(const Model& model, const std::string& text) {
    const NamedSettings named = parseNamedSettings(text, "scheme");
    const SchemeEntry& scheme = schemeNamed(named.name);
    return scheme.apply(model, ParameterSet(text, scheme.parameters, named.settings), {});
}

struct WeightError {
    double meanSquare = 0.0;
    double zeroFraction = 0.0;
};

// Over all matrices of the blocks together, in float64.
WeightError errorOf(const Model& reference, const Model& variant) {
    WeightError out;
    double count = 0.0;
    for (const std::string& name : reference.blockLinearNames()) {
        const at::Tensor w = variant.weights().linears.at(name)->dense(at::kDouble);
        const at::Tensor old = reference.weights().linears.at(name)->dense(at::kDouble);
        out.meanSquare += (w - old).square().sum().item<double>();
        out.zeroFraction += (w == 0).sum().item<double>();
        count += static_cast<double>(w.numel());
    }
    return {out.meanSquare / count, out.zeroFraction / count};
}

TEST(Schemes, MatchTheWeightErrorsOfCompressionJson) {
    const std::map<std::string, std::string> kSchemes = {
        {"int8_row", "int8"},
        {"int8_group32", "int8:group=32"},
        {"int4_row", "int4:group=0"},
        {"int4_group32", "int4:group=32"},
        {"int4_group32_asym", "int4:group=32,symmetric=false"},
        {"int3_row", "int3:group=0"},
        {"int2_group32", "int2:group=32"},
        {"int2_group32_asym", "int2:group=32,symmetric=false"},
        {"prune30", "prune_magnitude:sparsity=0.3"},
        {"prune50", "prune_magnitude:sparsity=0.5"},
        {"prune70", "prune_magnitude:sparsity=0.7"},
        {"prune90", "prune_magnitude:sparsity=0.9"}};
    // The file gives seven digits of a float32 sum over up to a million squares, five of the share
    // of zeros.
    constexpr double kRelative = 1e-4;
    constexpr double kZeroDigits = 1e-5;
    int checked = 0;
    for (const std::string name :
         {"sentiment-bert", "spam-bert-teacher", "spam-distilbert", "shakespeare-llama"}) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        const auto model = loadModel(Checkpoint::open(folder)).model;
        const Json compression = readJsonFile(folder / "compression.json");
        for (const Json& row : compression["rows"]) {
            const auto scheme = kSchemes.find(row["method"].get<std::string>());
            if (scheme == kSchemes.end() || row["scope"] != "layers") continue;
            const WeightError ours = errorOf(*model, *apply(*model, scheme->second));
            EXPECT_NEAR(ours.meanSquare, row["weight_mse"].get<double>(),
                        kRelative * row["weight_mse"].get<double>())
                << name << " " << scheme->second;
            EXPECT_NEAR(ours.zeroFraction, row["zero_fraction"].get<double>(), kZeroDigits)
                << name << " " << scheme->second;
            ++checked;
        }
    }
    EXPECT_GE(checked, 30);
}

class EveryScheme : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryScheme, SharesWhatItLeavesAsItIs) {
    const auto model = loadModel(Checkpoint::open("samples/sentiment-bert-mini")).model;
    const LinearInfo query = model->weights().linears.at("blocks.0.attn.q_proj")->info();
    const AdapterWriter adapter("bert.encoder.layer.0.attention.self.query", query.outFeatures,
                                query.inFeatures);
    const bool isAdapter = GetParam() == "adapter";
    const std::string text =
        isAdapter ? "adapter:path=\"" + adapter.write().string() + "\"" : GetParam();
    const auto variant = apply(*model, text);
    EXPECT_EQ(variant->weights().linears.at("head"), model->weights().linears.at("head"));
    EXPECT_TRUE(variant->weights()
                    .tensors.at("embeddings.tokens")
                    .is_same(model->weights().tensors.at("embeddings.tokens")));
    if (isAdapter) {
        EXPECT_GT(variant->storedBytes(), model->storedBytes());
    } else {
        EXPECT_LE(variant->storedBytes(), model->storedBytes());
    }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryScheme, ::testing::ValuesIn([] {
                             std::vector<std::string> ids;
                             for (const SchemeEntry& scheme : schemes())
                                 ids.emplace_back(scheme.id);
                             return ids;
                         }()),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace driftlens
