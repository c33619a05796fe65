// Runs over a small data set: what is kept for reports, deployed answers, token predictions.
#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/compare/prepare.h"
#include "engine/dataset/dataset.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

const std::string kClassifier = "samples/sentiment-bert-mini";
const std::string kCausal = "samples/retrieval-llama-mini";

class DatasetRun : public ::testing::Test {
protected:
    DatasetRun()
        : m_folder(fs::temp_directory_path() /
                   ("driftlens-dataset-run-" + std::to_string(::getpid()))) {
        fs::create_directories(m_folder);
        write("rows.csv",
              "text,label\nThe film was not bad at all,positive\nThe room was dull,negative\n"
              "My friend praised the poster,positive\n\"It was clever, and not long\",positive\n");
        write("boxes.txt",
              "box A holds a lamp . box B holds a coin . box A holds a lamp\n"
              "box B holds a coin . box A holds a key . box B holds a coin\n");
    }
    ~DatasetRun() override { fs::remove_all(m_folder); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(m_folder / name) << text;
    }
    DatasetRequest request(const std::string& data) const {
        DatasetRequest out;
        out.rows.file = m_folder / data;
        out.prompt.methods = {MethodRequest::parse("occlusion")};
        out.primary = "spearman";
        out.withYardsticks = false;
        return out;
    }
    DatasetResult run(const std::string& model, const std::string& scheme,
                      const DatasetRequest& request, AuditLog* log = nullptr) const {
        return compareDataset(VariantSpec::parse(model), {VariantSpec::parse(model + scheme)},
                              request, log, {}, {});
    }

    fs::path m_folder;
};

TEST_F(DatasetRun, IsReadBackFromTheLogAsItWas) {
    const auto log = AuditLog::openForWriting(m_folder / "a.db");
    const DatasetResult made = run(kClassifier, "@int3:group=32", request("rows.csv"), log.get());
    const RecordedDataset read = readDataset(*log, made.runId);
    EXPECT_EQ(read.outcomes, outcomesJson(made.outcomes));
    EXPECT_EQ(read.notable, notableJson(made.notable));
    EXPECT_EQ(read.dataset["variants"], toJson(made)["variants"]);
    log->erase(made.runId, "the test says so");
    try {
        readDataset(*log, made.runId);
        FAIL() << "an erased run was read";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Erased);
    }
}

TEST_F(DatasetRun, KeepsTheSameNotableExamplesWhenResumed) {
    const auto log = AuditLog::openForWriting(m_folder / "a.db");
    DatasetRequest asked = request("rows.csv");
    const DatasetResult made = run(kClassifier, "@int3:group=32", asked, log.get());
    asked.resumes = made.runId;
    const DatasetResult resumed = run(kClassifier, "@int3:group=32", asked, log.get());
    EXPECT_EQ(notableJson(resumed.notable), notableJson(made.notable));
    ASSERT_FALSE(made.notable.empty());
    EXPECT_LE(made.notable.size(), 6U);
}

TEST_F(DatasetRun, HasMeansOfTheInsidesWithIntervals) {
    const DatasetResult made = run(kClassifier, "@int3:group=32", request("rows.csv"));
    const auto& methods = made.aggregate.variants[0].methods;
    const AggregateFigure& cka = methods.at("activations").at("linear_cka");
    double sum = 0.0;
    for (const ExampleOutcome& each : made.outcomes)
        sum += *each.variants[0].methods.at("activations").raw.at("linear_cka").value;
    EXPECT_NEAR(*cka.value.value, sum / 4.0, 1e-12);
    EXPECT_TRUE(cka.interval.value);
    EXPECT_TRUE(methods.at("activations").contains("relative_frobenius@blocks.0.mlp.out"));
    EXPECT_TRUE(methods.at("attention_maps").contains("attention_js@blocks.0"));
}

// With a label a row is a prompt and its answer; without, a text.
TEST_F(DatasetRun, ComparesEveryTokenOfTextsAndResumesToTheBit) {
    const auto log = AuditLog::openForWriting(m_folder / "a.db");
    DatasetRequest asked = request("boxes.txt");
    const DatasetResult made = run(kCausal, "@int4:group=32", asked, log.get());
    const VariantAggregate& variant = made.aggregate.variants[0];
    ASSERT_TRUE(variant.tokens);
    std::size_t tokens = 0;
    double kl = 0.0;
    for (const ExampleOutcome& each : made.outcomes) {
        tokens += each.variants[0].tokens.size();
        for (const TokenOutcome& token : each.variants[0].tokens) kl += token.kl;
    }
    EXPECT_EQ(variant.tokens->tokens, tokens);
    EXPECT_NEAR(*variant.output.at("token_kl").value.value, kl / static_cast<double>(tokens),
                1e-12);
    asked.resumes = made.runId;
    const DatasetResult resumed = run(kCausal, "@int4:group=32", asked, log.get());
    EXPECT_EQ(toJson(resumed)["variants"], toJson(made)["variants"]);
    asked.comparesTokens = false;
    asked.resumes.clear();
    EXPECT_FALSE(run(kCausal, "@int4:group=32", asked).aggregate.variants[0].tokens);
}

TEST_F(DatasetRun, ComparesCheckpointsWithTheOneBefore) {
    DatasetRequest asked = request("rows.csv");
    asked.prompt.isTimeline = true;
    const auto spec = [](const std::string& scheme) {
        return VariantSpec::parse(kClassifier + scheme);
    };
    const DatasetResult made =
        compareDataset(spec(""), {spec("@int3:group=32"), spec("")}, asked, nullptr, {}, {});
    ASSERT_EQ(made.aggregate.fromPrevious.size(), 1U);
    const VariantAggregate &there = made.aggregate.variants[0],
                           &back = made.aggregate.fromPrevious[0];
    EXPECT_DOUBLE_EQ(*back.output.at("kl").value.value, *there.output.at("reverse_kl").value.value);
    EXPECT_DOUBLE_EQ(*back.methods.at("occlusion").at("spearman").value.value,
                     *there.methods.at("occlusion").at("spearman").value.value);
}

TEST_F(DatasetRun, SaysWhichVariantDriftsMore) {
    const auto spec = [](const std::string& scheme) {
        return VariantSpec::parse(kClassifier + scheme);
    };
    const DatasetResult made = compareDataset(spec(""), {spec("@int2:group=32"), spec("")},
                                              request("rows.csv"), nullptr, {}, {});
    ASSERT_EQ(made.aggregate.differences.size(), 1U);
    const VariantDifference& found = made.aggregate.differences[0];
    const double mean =
        *made.aggregate.variants[0].methods.at("occlusion").at("spearman").value.value;
    EXPECT_EQ(found.figure, "occlusion.spearman");
    EXPECT_NEAR(*found.found.difference.value, 1.0 - mean, 1e-12);  // the second has no drift
    EXPECT_EQ(toJson(made)["differences"][0]["second"], "sentiment-bert-mini");
}

// Gates were checked against made-up figures: some that exist were refused, some that do not were
// noticed after the last example.
TEST_F(DatasetRun, KnowsItsGatesFromTheModels) {
    const auto outcome = [&](const std::string& model, const std::string& data,
                             const std::string& gate, bool withInsides = true) {
        DatasetRequest asked = request(data);
        asked.prompt.comparesInsides = withInsides;
        asked.gates = {parseGate(gate)};
        std::size_t examples = 0;
        try {
            compareDataset(VariantSpec::parse(model), {VariantSpec::parse(model + "@int8")}, asked,
                           nullptr, [&](const auto&, const auto&, const auto*) { ++examples; }, {});
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Usage) << error.what();
            return examples == 0 ? "refused" : "refused late";
        }
        return "taken";
    };
    EXPECT_STREQ(outcome(kClassifier, "rows.csv", "attention_js@blocks.1>0.5"), "taken");
    EXPECT_STREQ(outcome(kClassifier, "rows.csv", "linear_cka@blocks.1.mlp.out<0.5"), "taken");
    EXPECT_STREQ(outcome(kCausal, "boxes.txt", "token_kl>5"), "taken");
    EXPECT_STREQ(outcome(kClassifier, "rows.csv", "cosine<0.2"), "taken");  // of the explanation
    EXPECT_STREQ(outcome(kClassifier, "rows.csv", "linear_cka@blocks.77.mlp.out<0.5"), "refused");
    EXPECT_STREQ(outcome(kClassifier, "rows.csv", "linear_cka<0.5", false), "refused");
    EXPECT_STREQ(outcome(kClassifier, "rows.csv", "token_kl>5"), "refused");
}

TEST_F(DatasetRun, ReportsTheRowsThatItUsedAndNoOtherClusters) {
    const auto log = AuditLog::openForWriting(m_folder / "a.db");
    DatasetRequest asked = request("rows.csv");
    const DatasetResult made = run(kClassifier, "@int8", asked, log.get());
    asked.resumes = made.runId;
    asked.rows.most = 1;
    const DatasetResult fewer = run(kClassifier, "@int8", asked, log.get());
    EXPECT_EQ(readDataset(*log, fewer.runId).outcomes.size(), 1U);
    asked.rows.clusterColumn = "label";
    EXPECT_THROW(run(kClassifier, "@int8", asked, log.get()), Error);
}

class Observed : public DatasetRun {
protected:
    ObservedAgreement agreement(const std::string& lines) const {
        write("observed.jsonl", lines);
        const LoadedVariant model =
            VariantLoader().load(VariantSpec::parse(kClassifier), {}, false, {});
        return compareObserved(model, m_folder / "observed.jsonl", {}, {});
    }
};

// The model's own probabilities agree with it: whole predictions, and the best answer alone.
TEST_F(Observed, AgreesWithTheModelItself) {
    const LoadedVariant model =
        VariantLoader().load(VariantSpec::parse(kClassifier), {}, false, {});
    PromptRequest prompt;
    prompt.prompt = "The room was dull";
    const Comparison self =
        comparePrompt(VariantSpec::parse(kClassifier), {VariantSpec::parse(kClassifier)},
                      [&] {
                          PromptRequest out = prompt;
                          out.methods = {MethodRequest::parse("attention")};
                          return out;
                      }(),
                      nullptr, {});
    const double p = self.referenceConfidence;
    const std::string best = std::to_string(self.referenceAnswer);
    const std::string other = std::to_string(1 - self.referenceAnswer);
    const ObservedAgreement found =
        agreement(R"({"prompt":"The room was dull","argmax":)" + best + R"(,"top":[{"id":)" + best +
                  R"(,"logprob":)" + exactNumber(std::log(p)) + R"(},{"id":)" + other +
                  R"(,"logprob":)" + exactNumber(std::log(1.0 - p)) + "}]}\n" +
                  R"({"prompt":"The room was dull","argmax":)" + other + "}\n");
    EXPECT_EQ(found.prompts, 2U);
    EXPECT_EQ(found.sameAnswer.count, 1U);
    EXPECT_EQ(found.withProbabilities, 1U);
    EXPECT_NEAR(*found.kl.value, 0.0, 1e-12);
    // Halved odds: the divergence of two known predictions.
    const double q = p / 2.0;
    const ObservedAgreement moved =
        agreement(R"({"prompt":"The room was dull","argmax":)" + best + R"(,"top":[{"id":)" + best +
                  R"(,"logprob":)" + exactNumber(std::log(q)) + "}]}\n");
    EXPECT_NEAR(*moved.kl.value, q * std::log(q / p) + (1 - q) * std::log((1 - q) / (1 - p)), 1e-9);
}

TEST_F(Observed, RefusesFilesOfAnotherShapeByLine) {
    const auto complaint = [&](const std::string& lines) {
        try {
            agreement(lines);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::InputFile);
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    EXPECT_NE(complaint("{\"prompt\":\"a\"}").find("line 1: no \"argmax\""), std::string::npos);
    EXPECT_NE(complaint("{\"argmax\":0}").find("neither"), std::string::npos);
    EXPECT_NE(complaint("\n{\"prompt\":\"a\",\"argmax\":0,\"top\":[{\"id\":0,\"logprob\":0},"
                        "{\"id\":1,\"logprob\":0}]}")
                  .find("line 2"),
              std::string::npos);
    EXPECT_NE(complaint("").find("no line"), std::string::npos);
    EXPECT_NE(complaint("{\"prompt\":\"a\",\"argmax\":0,\"top\":[{\"id\":0,\"logprob\":-2},"
                        "{\"id\":0,\"logprob\":-2}]}")
                  .find("twice"),
              std::string::npos);
    EXPECT_NE(complaint("[1]").find("line 1"), std::string::npos);
    EXPECT_EQ(agreement("{\"prompt\":\"a film\",\"argmax\":\"sideways\"}").failed, 1U);
}

TEST_F(Observed, HeadsTheResultOfTheNamedVariant) {
    write("observed.jsonl", "{\"prompt\":\"The room was dull\",\"argmax\":\"negative\"}\n");
    DatasetRequest asked = request("rows.csv");
    asked.observed = {{"", m_folder / "observed.jsonl"}};
    const Json found = toJson(run(kClassifier, "@int8", asked))["observed"][0];
    EXPECT_EQ(found["variant"], "sentiment-bert-mini@int8");
    EXPECT_EQ(found["same_answer"]["value"], 1.0);
    asked.observed = {{"nothing", m_folder / "observed.jsonl"}};
    EXPECT_THROW(run(kClassifier, "@int8", asked), Error);
}

}  // namespace
}  // namespace driftlens
