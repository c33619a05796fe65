// One prompt in a reference and its variants, on the project's own sample: never skipped.
#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/compare/record.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <unistd.h>

namespace driftlens {
namespace {

const std::string kSample = "samples/sentiment-bert-mini";

PromptRequest requestWith(const std::string& method) {
    PromptRequest request;
    request.prompt = "The film was not bad at all";
    request.methods = {MethodRequest::parse(method)};
    return request;
}

Comparison compareSample(const std::string& variant, const std::string& method) {
    return comparePrompt(VariantSpec::parse(kSample), {VariantSpec::parse(variant)},
                         requestWith(method), nullptr, {});
}

TEST(Compare, FindsNoDriftBetweenAModelAndItself) {
    const Comparison same =
        compareSample(kSample + "@fp16", "integrated_gradients:nodes=500,baseline=mask");
    const VariantResult& variant = same.variants.front();
    EXPECT_EQ(variant.fidelity.kl, 0.0);
    EXPECT_FALSE(variant.fidelity.flip);
    EXPECT_EQ(variant.explanations.front().largestDifference,
              0.0);  // same weights, same plan: same bits
    EXPECT_FALSE(variant.explanations.front().aboveNumericalNoise);
}

// A drift of explanations that have not converged is no drift: it was shown as one, without a
// warning.
TEST(Compare, JudgesNothingThatHasNotConverged) {
    const Comparison coarse =
        compareSample(kSample + "@int2", "integrated_gradients:nodes=2,baseline=mask");
    const VariantResult& variant = coarse.variants.front();
    EXPECT_FALSE(variant.explanations.front().aboveNumericalNoise);
    EXPECT_TRUE(variant.explanations.front().verdict.starts_with("not judged"));
    EXPECT_FALSE(variant.warnings.empty());
    const Comparison fine =
        compareSample(kSample + "@int2", "integrated_gradients:nodes=500,baseline=mask");
    EXPECT_TRUE(fine.variants.front().warnings.empty());
    EXPECT_TRUE(fine.variants.front().explanations.front().aboveNumericalNoise);
}

// The sample with one word less in its vocabulary: "film" becomes four pieces.
std::filesystem::path withoutFilm() {
    namespace fs = std::filesystem;
    const fs::path out =
        fs::temp_directory_path() / ("driftlens-no-film-" + std::to_string(::getpid()));
    fs::remove_all(out);
    fs::copy(kSample, out);
    Json tokenizer = readJsonFile(out / "tokenizer.json");
    Json& vocabulary = tokenizer["model"]["vocab"];
    vocabulary["no film"] = vocabulary["film"];
    vocabulary.erase("film");
    std::ofstream(out / "tokenizer.json") << tokenizer.dump();
    return out;
}

TEST(Compare, AlignsTokensByBytesWhereTokenisationsDiffer) {
    const std::filesystem::path folder = withoutFilm();
    auto log = AuditLog::openForWriting(folder / "a.db");
    PromptRequest request = requestWith("attention");
    request.methods.push_back(MethodRequest::parse("occlusion"));
    const Comparison found = comparePrompt(
        VariantSpec::parse(kSample), {VariantSpec::parse(folder.string())}, request, log.get(), {});
    const Comparison same = compareSample(kSample + "@fp16", "attention");
    EXPECT_EQ(found.ids, same.ids);
    ASSERT_EQ(found.input.tokens.size(), same.input.tokens.size());  // every unit is a word
    EXPECT_EQ(found.input.tokens[2].text, "film");
    ASSERT_EQ(found.warnings.size(), 1U);
    EXPECT_TRUE(found.warnings[0].starts_with("tokenisations differ"));
    const ExplanationDrift& attention = found.variants.front().explanations.front();
    EXPECT_EQ(attention.reference.scores, same.variants[0].explanations[0].reference.scores);
    double total = 0.0;
    for (const double score : attention.variant.scores) total += score;
    EXPECT_NEAR(total, 1.0, 1e-6);
    for (const AttentionMap& map : attention.variant.attention) {
        ASSERT_EQ(map.size, std::ssize(found.input.tokens));
        for (std::int64_t q = 0; q < map.size; ++q) {
            const auto row = map.values.begin() + q * map.size;
            EXPECT_NEAR(std::accumulate(row, row + map.size, 0.0), 1.0, 1e-5);
        }
    }
    const Comparison again = readComparison(*log, found.runId);
    EXPECT_EQ(again.ids, found.ids);
    EXPECT_EQ(again.warnings, found.warnings);
    EXPECT_EQ(again.variants[0].explanations[1].agreement.spearman.value,
              found.variants[0].explanations[1].agreement.spearman.value);
    log.reset();
    std::filesystem::remove_all(folder);
}

TEST(Compare, SharesIdsTargetAndBaseline) {
    const Comparison found = compareSample(kSample + "@prune_magnitude:sparsity=0.8", "occlusion");
    const ExplanationDrift& drift = found.variants.front().explanations.front();
    EXPECT_EQ(drift.reference.target, drift.variant.target);
    EXPECT_EQ(drift.reference.baseline, drift.variant.baseline);
    EXPECT_EQ(drift.reference.settings, drift.variant.settings);
    EXPECT_EQ(drift.reference.scores.size(), found.input.tokens.size());
}

TEST(Compare, LogsFinishedAndFailedRunsAndThePlannedBatch) {
    const auto file = std::filesystem::temp_directory_path() /
                      ("driftlens-compare-" + std::to_string(::getpid()) + ".db");
    std::filesystem::remove(file);
    {
        const auto log = AuditLog::openForWriting(file);
        const Comparison found =
            comparePrompt(VariantSpec::parse(kSample), {VariantSpec::parse(kSample + "@int4")},
                          requestWith("occlusion"), log.get(), {});
        EXPECT_GT(found.batch, 0);
        EXPECT_EQ(log->records(found.runId)[1].body["batch"], found.batch);
        EXPECT_EQ(log->payload(found.runId, "prompt"), "The film was not bad at all");
        EXPECT_THROW(comparePrompt(VariantSpec::parse("absent"), {VariantSpec::parse(kSample)},
                                   requestWith("occlusion"), log.get(), {}),
                     Error);
        EXPECT_EQ(log->runs().front().status, "finished");
        EXPECT_EQ(log->runs().back().status, "failed");
    }
    EXPECT_EQ(verifyAuditLog(file).status, "ok");
    std::filesystem::remove(file);
}

// What a report shows is in the log, to the last bit; times apart.
TEST(Compare, IsReadBackFromTheLogAsItWas) {
    const auto file = std::filesystem::temp_directory_path() /
                      ("driftlens-readback-" + std::to_string(::getpid()) + ".db");
    std::filesystem::remove(file);
    {
        const auto log = AuditLog::openForWriting(file);
        PromptRequest request = requestWith("occlusion");
        request.methods.push_back(
            MethodRequest::parse("integrated_gradients:nodes=2,baseline=mask"));
        request.methods.push_back(MethodRequest::parse("attention"));
        const Comparison found =
            comparePrompt(VariantSpec::parse(kSample),
                          {VariantSpec::parse(kSample + "@int2"),
                           VariantSpec::parse(kSample + "@prune_magnitude:sparsity=0.8+int4")},
                          request, log.get(), {});
        EXPECT_EQ(toJson(readComparison(*log, found.runId)), toJson(found));
        EXPECT_THROW(readComparison(*log, "0123456789abcdef"), Error);
    }
    std::filesystem::remove(file);
}

TEST(VariantSpec, SplitsPathsSchemesAndSettings) {
    const VariantSpec spec = VariantSpec::parse("m@int4:group=16+prune_magnitude:sparsity=0.5");
    EXPECT_EQ(spec.path, "m");
    EXPECT_EQ(spec.schemeText(), "int4:group=16,symmetric=true+prune_magnitude:sparsity=0.5");
    ModelIdentity identity;
    identity.path = "models/m";
    identity.scheme = spec.schemeText();
    EXPECT_EQ(identity.name(), "m@int4:group=16+prune_magnitude");  // 0.5 is its default
    EXPECT_THROW(VariantSpec::parse("m@int9"), Error);
    EXPECT_THROW(VariantSpec::parse("m@int4:groop=1"), Error);
}

}  // namespace
}  // namespace driftlens
