// Checkpoints in a row, and where a continued text parts.
#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/compare/flip_point.h"
#include "engine/compare/record.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <unistd.h>

namespace driftlens {
namespace {

const std::string kClassifier = "samples/sentiment-bert-mini";
const std::string kCausal = "samples/retrieval-llama-mini";

PromptRequest requestFor(const std::string& prompt) {
    PromptRequest request;
    request.prompt = prompt;
    request.methods = {MethodRequest::parse("occlusion")};
    return request;
}

Comparison timeline(AuditLog* log) {
    PromptRequest request = requestFor("The film was not bad at all");
    request.isTimeline = true;
    return comparePrompt(
        VariantSpec::parse(kClassifier),
        {VariantSpec::parse(kClassifier + "@int3:group=32"), VariantSpec::parse(kClassifier),
         VariantSpec::parse(kClassifier + "@int8")},
        request, log, {});
}

TEST(Timeline, ComparesEachCheckpointWithTheOneBefore) {
    const Comparison found = timeline(nullptr);
    ASSERT_EQ(found.fromPrevious.size(), 2U);
    // From the second back to the reference: what the second changed, seen from the other side.
    const VariantResult &back = found.fromPrevious[0], &there = found.variants[0];
    EXPECT_DOUBLE_EQ(back.fidelity.kl, there.fidelity.reverseKl);
    EXPECT_DOUBLE_EQ(back.explanations[0].largestDifference,
                     there.explanations[0].largestDifference);
    // From the reference to the last: what comparing it with the first gives.
    EXPECT_EQ(found.fromPrevious[1].fidelity.kl, found.variants[2].fidelity.kl);
    EXPECT_EQ(toJson(found)["from_previous"][1]["explanations"],
              toJson(found)["variants"][2]["explanations"]);
}

TEST(Timeline, IsReadBackFromTheLog) {
    const auto folder = std::filesystem::temp_directory_path() /
                        ("driftlens-timeline-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    Comparison made;
    {
        const auto log = AuditLog::openForWriting(folder / "a.db");
        made = timeline(log.get());
        const Comparison read = readComparison(*log, made.runId);
        EXPECT_EQ(toJson(read)["from_previous"], toJson(made)["from_previous"]);
        EXPECT_EQ(toJson(read)["variants"][0]["structure"],
                  toJson(made)["variants"][0]["structure"]);
    }
    std::filesystem::remove_all(folder);
}

TEST(FlipPoint, IsWhereTheGreedyTextsPart) {
    const std::string prompt = "box A holds a lamp . box B holds a coin . box A holds a";
    const FlipPoints found = findFlipPoints(
        VariantSpec::parse(kCausal),
        {VariantSpec::parse(kCausal + "@fp16"), VariantSpec::parse(kCausal + "@int4:group=32")},
        requestFor(prompt), 12, nullptr, {});
    EXPECT_FALSE(found.variants[0].comparison);  // the same weights
    EXPECT_EQ(found.variants[0].tokensAlike, found.tokens);
    const FlipPoint& parted = found.variants[1];
    ASSERT_TRUE(parted.comparison);
    const Comparison& there = *parted.comparison;
    EXPECT_EQ(there.target.kind, TargetKind::Contrast);
    EXPECT_TRUE(there.variants[0].fidelity.flip);
    EXPECT_EQ(there.target.id, there.variants[0].fidelity.referenceTop);
    EXPECT_EQ(there.target.contrastId, there.variants[0].fidelity.variantTop);
    EXPECT_TRUE(found.continuation.starts_with(parted.textAlike));
}

// A position of the prompt moved the question away from the flip.
TEST(FlipPoint, IsExplainedWhereItIs) {
    PromptRequest request = requestFor("box A holds a lamp . box B holds a coin . box A holds a");
    request.target.position = 2;
    const FlipPoints found =
        findFlipPoints(VariantSpec::parse(kCausal),
                       {VariantSpec::parse(kCausal + "@int4:group=32")}, request, 12, nullptr, {});
    ASSERT_TRUE(found.variants[0].comparison);
    EXPECT_EQ(found.variants[0].comparison->target.position, -1);
    EXPECT_TRUE(found.variants[0].comparison->variants[0].fidelity.flip);
}

TEST(FlipPoint, NeedsAModelThatContinuesTexts) {
    EXPECT_THROW(findFlipPoints(VariantSpec::parse(kClassifier), {VariantSpec::parse(kClassifier)},
                                requestFor("The film"), 4, nullptr, {}),
                 Error);
}

}  // namespace
}  // namespace driftlens
