// How a model is stored, part by part: it adds up to the whole, and zeros are those that are there.
#include "engine/variants/storage.h"

#include "core/base/error.h"
#include "core/model/model.h"
#include "engine/compare/storage_json.h"
#include "engine/variants/variant.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <numeric>

namespace driftlens {
namespace {

const std::string kModel = "samples/sentiment-bert-mini";

LoadedVariant load(const std::string& argument) {
    return VariantLoader().load(VariantSpec::parse(argument), {}, true, {});
}

void expectWhole(const LoadedVariant& variant) {
    std::int64_t bytes = 0, weights = 0;
    for (const StoredPart& part : variant.identity.storage) {
        bytes += part.bytes;
        weights += part.weights;
    }
    EXPECT_EQ(bytes, variant.identity.storedBytes);
    EXPECT_EQ(weights, variant.identity.parameters);
}

const StoredPart& partOf(const LoadedVariant& variant, const std::string& name) {
    for (const StoredPart& part : variant.identity.storage)
        if (part.part == name) return part;
    throw std::runtime_error("no part " + name);
}

TEST(Storage, AddsUpToTheWholeModel) {
    for (const std::string scheme : {"", "@int8", "@int4:group=32", "@bf16", "@llm_int8",
                                     "@prune_magnitude:sparsity=0.5", "@prune_magnitude+int3"})
        expectWhole(load(kModel + scheme));
    const LoadedVariant reference = load(kModel);
    std::vector<std::string> names;
    for (const StoredPart& part : reference.identity.storage) names.push_back(part.part);
    EXPECT_EQ(names, (std::vector<std::string>{"embeddings", "blocks.0", "blocks.1", "rest"}));
    REQUIRE_SHARED(gguf, "data/compressed/gguf/llama-small/Q4_0.gguf");
    expectWhole(load(gguf.string()));
}

TEST(Storage, CountsTheZerosOfAPrunedModelExactly) {
    const LoadedVariant pruned = load(kModel + "@prune_magnitude:sparsity=0.5");
    for (const std::string block : {"blocks.0", "blocks.1"}) {
        const StoredPart& part = partOf(pruned, block);
        std::int64_t wanted = 0;
        for (const auto& [name, linear] : pruned.model->weights().linears)
            if (name.starts_with(block + "."))
                wanted += (linear->dense(at::kFloat) == 0.0).sum().item<std::int64_t>();
        ASSERT_TRUE(part.zeros);
        EXPECT_EQ(*part.zeros, wanted);
        EXPECT_NEAR(static_cast<double>(*part.zeros) / static_cast<double>(part.matrixWeights), 0.5,
                    0.01);
        EXPECT_LT(part.matrixWeights, part.weights);  // biases and norms
    }
    EXPECT_FALSE(partOf(pruned, "embeddings").zeros);
}

TEST(Storage, NeverUnpacksWhatIsPacked) {
    const LoadedVariant packed = load(kModel + "@int4:group=32");
    const StoredPart& block = partOf(packed, "blocks.0");
    EXPECT_FALSE(block.zeros);
    EXPECT_EQ(block.form, "INT4 group 32");
    EXPECT_LT(block.bytes, partOf(load(kModel), "blocks.0").bytes);
}

TEST(Storage, ComesBackFromJson) {
    const std::vector<StoredPart> all = load(kModel + "@int8").identity.storage;
    EXPECT_EQ(readStorage(toJson(all), "here"), all);
    Json broken = toJson(all);
    broken[0]["bytes"] = -1;
    EXPECT_THROW(readStorage(broken, "here"), Error);
}

TEST(Storage, IsCountedOnceByALoaderAndNotWithoutDigests) {
    VariantLoader loader(VariantLoader::Keeps::Variants);
    const VariantSpec spec = VariantSpec::parse(kModel + "@int8");
    EXPECT_TRUE(loader.load(spec, {}, false, {}).identity.storage.empty());
    const auto first = loader.load(spec, {}, true, {}).identity.storage;
    EXPECT_EQ(loader.load(spec, {}, true, {}).identity.storage, first);
    EXPECT_FALSE(first.empty());
}

}  // namespace
}  // namespace driftlens
