#include "engine/bench/drift_bench.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

BenchRequest requestOf(const std::string& model) {
    BenchRequest out;
    out.model = VariantSpec::parse(model);
    out.methods = {MethodRequest::parse("integrated_gradients:nodes=4"),
                   MethodRequest::parse("saliency")};
    out.tokens = 9;
    out.repeat = 1;
    return out;
}

TEST(DriftBench, TimesEveryMethodWithEveryNumberOfVariants) {
    const std::string model = "samples/sentiment-bert-mini";
    const DriftBenchResult bench = runDriftBench(
        requestOf(model),
        {VariantSpec::parse(model + "@int8"), VariantSpec::parse(model + "@int4")}, {});
    ASSERT_EQ(bench.methods.size(), 2U);
    for (const DriftCost& cost : bench.methods) {
        EXPECT_EQ(cost.tokens, 9);
        EXPECT_GT(cost.explanationSeconds, 0.0);
        ASSERT_EQ(cost.comparisonSeconds.size(), 2U);
        // One turn: its own ratio.
        EXPECT_DOUBLE_EQ(cost.overhead,
                         cost.comparisonSeconds.back() / (3.0 * cost.explanationSeconds));
    }
    EXPECT_EQ(toJson(bench)["drift"].size(), 2U);
}

TEST(Bench, TimesAPromptAndSaysItsGap) {
    BenchRequest request = requestOf("samples/sentiment-bert-mini");
    request.prompt = "the film was clever";
    const BenchResult bench = runBench(request, {});
    ASSERT_EQ(bench.methods.size(), 2U);
    EXPECT_EQ(bench.methods[0].tokens, 6);  // [CLS] and [SEP] among them
    EXPECT_TRUE(bench.methods[0].completenessGap.has_value());
    EXPECT_FALSE(bench.methods[1].completenessGap.has_value());
    request.prompt = "";
    EXPECT_THROW(runBench(request, {}), Error);
}

TEST(DriftBench, RefusesAnInputThatIsTooLong) {
    BenchRequest request = requestOf("samples/sentiment-bert-mini");
    request.tokens = 1'000'000;
    EXPECT_THROW(
        runDriftBench(request, {VariantSpec::parse("samples/sentiment-bert-mini@int8")}, {}),
        Error);
}

}  // namespace
}  // namespace driftlens
