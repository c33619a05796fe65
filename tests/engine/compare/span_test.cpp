// Explaining a span token by token: what it may take of the memory.
#include "core/base/allocator.h"
#include "engine/compare/prepare.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace driftlens {
namespace {

constexpr std::uint64_t kMegabyte = 1 << 20;
constexpr std::uint64_t kMemory = 32 * kMegabyte;

// A prompt and a span of 40 tokens that nearly fill the model's context.
PromptRequest requestOf(const std::string& target, std::uint64_t memory) {
    PromptRequest request;
    request.prompt =
        "But I was not bored at all by the king who went to the night and said it was pure trash "
        "to the queen of all the lords";
    request.target.text = target;
    request.methods = {
        MethodRequest::parse("integrated_gradients:nodes=12,baseline=mean,answer_tokens=yes")};
    request.compute.memoryBytes = memory;
    request.compute.threads = 1;
    return request;
}

// The most resident memory since forgetPeak(), in bytes.
std::uint64_t peakBytes() {
    std::ifstream status("/proc/self/status");
    std::string word;
    std::uint64_t kilobytes = 0;
    while (status >> word && word != "VmHWM:") continue;
    status >> kilobytes;
    return kilobytes * 1024;
}

// What other tests of this program took counts no more, nor can what they freed be taken for free.
void forgetPeak() {
    returnFreedMemory();
    std::ofstream("/proc/self/clear_refs") << "5";
}

TEST(Span, OfFortyTokensStaysWithinTheMemory) {
    REQUIRE_SHARED(folder, "data/trained/shakespeare-gpt2");
    const VariantSpec model = VariantSpec::parse(folder.string());
    const auto explain = [&](std::uint64_t memory) {
        return explainPrompt(model, requestOf("generated:40", memory), nullptr, {});
    };
    const Explanation one = explain(1);  // what is there anyway
    EXPECT_EQ(one.batch, 1);
    forgetPeak();
    const std::uint64_t before = peakBytes();
    const Explanation several = explain(kMemory);
    EXPECT_GT(several.batch, 1);
    EXPECT_GT(peakBytes(), before);
    EXPECT_LE(peakBytes() - before, kMemory);
    const std::vector<AnswerTokenScores>& found = several.results[0].answerTokens;
    ASSERT_EQ(found.size(), 40U);
    for (std::size_t i = 0; i < found.size(); ++i)
        for (std::size_t t = 0; t < found[i].scores.size(); ++t)
            EXPECT_NEAR(found[i].scores[t], one.results[0].answerTokens[i].scores[t], 1e-3);
}

// What is forced behind a prompt is computed in every row.
TEST(Span, HasSmallerMicroBatchesThanItsPromptAlone) {
    REQUIRE_SHARED(folder, "data/trained/shakespeare-gpt2");
    const VariantSpec model = VariantSpec::parse(folder.string());
    const auto batchFor = [&](const std::string& target) {
        return explainPrompt(model, requestOf(target, kMemory), nullptr, {}).batch;
    };
    EXPECT_LE(2 * batchFor("generated:40"), batchFor("top"));
}

}  // namespace
}  // namespace driftlens
