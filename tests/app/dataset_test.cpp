// compare --data and evaluate, as a user runs them, on the sample classifier.
#include "core/base/json.h"
#include "core/base/text.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <fstream>

namespace driftlens {
namespace {

const std::string kModel = "samples/sentiment-bert-mini";
const std::string kVariant = kModel + "@int3:group=32";

class Dataset : public ::testing::Test {
protected:
    Dataset() {
        write("rows.csv",
              "text,label,source\n"
              "The film was not bad at all,positive,a\n"
              "The room was dull,negative,a\n"
              "My friend praised the poster,positive,b\n"
              "\"It was clever, and not long\",positive,b\n"
              "The room was not clever at all,negative,b\n");
    }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(file(name)) << text;
    }
    std::string file(const std::string& name) const { return m_scratch / name; }
    ProgramResult run(std::vector<std::string> arguments) const {
        return runProgram(DRIFTLENS_PROGRAM, std::move(arguments), m_scratch);
    }
    ProgramResult compare(std::vector<std::string> more) const {
        std::vector<std::string> all = {"compare",   kModel,           kVariant,
                                        "--data",    file("rows.csv"), "--method",
                                        "occlusion", "--yardsticks",   "none"};
        all.insert(all.end(), more.begin(), more.end());
        return run(all);
    }
    static std::vector<Json> lines(const std::string& text) {
        std::vector<Json> out;
        for (const std::string& line : splitText(text, '\n'))
            if (!line.empty()) out.push_back(parseJson(line, "line"));
        return out;
    }

private:
    ScratchFolder m_scratch;
};

// Such a row has one order of removal; 0 evaluations for its limits were divided by.
TEST_F(Dataset, TakesRowsOfOneTokenWithYardsticks) {
    std::string rows = "text,label\n";
    for (int i = 0; i < 12; ++i) rows += i % 2 == 0 ? "good,positive\n" : "dull,negative\n";
    write("words.csv", rows);
    const ProgramResult found = run({"compare", kModel, kVariant, "--data", file("words.csv"),
                                     "--method", "saliency", "--json"});
    EXPECT_EQ(found.exitCode, 0) << found.err;
    EXPECT_EQ(lines(found.out).size(), 13U);
}

TEST_F(Dataset, StreamsALinePerExampleAndTheAggregateLast) {
    const ProgramResult found = compare({"--json"});
    ASSERT_EQ(found.exitCode, 0) << found.err;
    const std::vector<Json> all = lines(found.out);
    ASSERT_EQ(all.size(), 6U);
    EXPECT_EQ(all[3]["prompt"], "It was clever, and not long");
    EXPECT_EQ(all[3]["line"], 5);
    EXPECT_EQ(all[0]["variants"][0]["explanations"][0]["method"], "occlusion");
    const Json& last = all.back();
    EXPECT_EQ(last["examples"], 5);
    const Json& figures = last["aggregate"].front();
    double kl = 0.0;
    for (std::size_t i = 0; i < 5; ++i)
        kl += all[i]["variants"][0]["fidelity"]["kl"].get<double>() / 5.0;
    EXPECT_NEAR(figures["kl"]["value"].get<double>(), kl, 1e-12);
    EXPECT_LE(figures["kl"]["low"].get<double>(), kl);
    EXPECT_GE(figures["occlusion"]["spearman"]["value"].get<double>(), -1.0);
}

// A comparison of the example alone gives the same figures.
TEST_F(Dataset, GivesEachExampleWhatComparingItAloneGives) {
    const std::vector<Json> all = lines(compare({"--json", "--batch", "4"}).out);
    const ProgramResult alone = run({"compare", kModel, kVariant, "--prompt", "The room was dull",
                                     "--method", "occlusion", "--batch", "4", "--json"});
    const Json one = parseJson(alone.out, "compare");
    EXPECT_EQ(all[1]["variants"][0]["fidelity"], one["variants"][0]["fidelity"]);
    EXPECT_EQ(all[1]["variants"][0]["explanations"][0]["variant_scores"],
              one["variants"][0]["explanations"][0]["variant_scores"]);
    EXPECT_EQ(all[1]["target"], one["target"]);
}

TEST_F(Dataset, GatesAreExitCodes) {
    EXPECT_EQ(compare({"--fail-if", "upper(flip_rate)>0.99"}).exitCode, 0);
    EXPECT_EQ(compare({"--fail-if", "occlusion.spearman<=1"}).exitCode, 1);
    const ProgramResult open =
        compare({"--fail-if", "flip_rate>0.02", "--junit", file("gates.xml")});
    EXPECT_EQ(open.exitCode, 11) << open.out;
    EXPECT_NE(textOf(file("gates.xml")).find("<testsuite"), std::string::npos);
    // Names are known to be wrong before anything is computed.
    const ProgramResult wrong = compare({"--fail-if", "magic>0.02"});
    EXPECT_EQ(wrong.exitCode, 2);
    EXPECT_NE(wrong.err.find("magic"), std::string::npos) << wrong.err;
    EXPECT_EQ(compare({"--fail-if", "flip_rate"}).exitCode, 2);
}

TEST_F(Dataset, GoesOnFromTheLogToTheSameBits) {
    const std::string log = file("a.db");
    const std::vector<Json> first = lines(compare({"--json", "--most", "2", "--log", log}).out);
    const std::string runId = first.back()["run"];
    const std::vector<Json> resumed =
        lines(compare({"--json", "--log", log, "--resume", runId}).out);
    const std::vector<Json> whole = lines(compare({"--json"}).out);
    EXPECT_EQ(resumed.back()["aggregate"], whole.back()["aggregate"]);
    EXPECT_EQ(run({"audit", "verify", log}).exitCode, 0);
    EXPECT_EQ(compare({"--log", log, "--resume", "nonsense"}).exitCode, 2);
    EXPECT_EQ(compare({"--resume", runId}).exitCode, 2);  // without the log
}

TEST_F(Dataset, ResumesWhatWasAskedTheSameAlone) {
    const std::string log = file("a.db");
    const std::string first =
        lines(compare({"--json", "--most", "2", "--log", log}).out).back()["run"];
    const std::string second =
        lines(compare({"--json", "--most", "3", "--log", log, "--resume", first}).out)
            .back()["run"];
    // The run that was resumed is read through the one that resumed it.
    const Json third =
        lines(compare({"--json", "--most", "3", "--log", log, "--resume", second}).out).back();
    EXPECT_EQ(third["aggregate"],
              lines(compare({"--json", "--most", "3"}).out).back()["aggregate"]);
    for (const std::vector<std::string>& other : {std::vector<std::string>{"--set", "replace=pad"},
                                                  {"--seed", "3"},
                                                  {"--target", "class:0"}}) {
        std::vector<std::string> all = {"--log", log, "--resume", second};
        all.insert(all.end(), other.begin(), other.end());
        const ProgramResult found = compare(all);
        EXPECT_EQ(found.exitCode, 2) << other.front() << found.err;
        EXPECT_NE(found.err.find("cannot be resumed"), std::string::npos) << found.err;
    }
    write("rows.csv", "text\nanother file\n");
    EXPECT_EQ(compare({"--log", log, "--resume", second}).exitCode, 2);
}

TEST_F(Dataset, WhatFailsForEveryRowFailsTheRun) {
    const ProgramResult found = compare({"--target", "class:9"});
    EXPECT_EQ(found.exitCode, 2) << found.out;
    EXPECT_NE(found.err.find("every example failed"), std::string::npos) << found.err;
    const ProgramResult other = run({"compare", kModel, "samples/retrieval-llama-mini", "--data",
                                     file("rows.csv"), "--yardsticks", "none"});
    EXPECT_EQ(other.exitCode, 2);
    EXPECT_NE(other.err.find("cannot be compared"), std::string::npos) << other.err;
}

// The report of a run that is over is the one that was made beside it, but for when and how.
TEST_F(Dataset, IsReportedFromTheRunAndFromTheLogAlike) {
    const std::string log = file("a.db");
    ASSERT_EQ(compare({"--log", log, "--report", file("a.json")}).exitCode, 0);
    ASSERT_EQ(run({"report", log, "--out", file("b.json")}).exitCode, 0);
    const Json made = readJsonFile(file("a.json")), later = readJsonFile(file("b.json"));
    for (const char* key : {"dataset", "outcomes", "notable", "summary", "clauses", "methods"})
        EXPECT_EQ(made[key], later[key]) << key;
    const ProgramResult page = run({"report", "--from", file("a.json"), "--out", file("a.html")});
    EXPECT_EQ(page.exitCode, 0) << page.err;
}

TEST_F(Dataset, ErasedRowsLeaveNoTextBehind) {
    const std::string log = file("a.db");
    const std::string runId = lines(compare({"--json", "--log", log}).out).back()["run"];
    EXPECT_NE(textOf(log).find("praised the poster"), std::string::npos);
    EXPECT_EQ(run({"audit", "erase", log, runId, "--reason", "test"}).exitCode, 0);
    EXPECT_EQ(textOf(log).find("praised the poster"), std::string::npos);
    EXPECT_EQ(compare({"--log", log, "--resume", runId}).exitCode, 7);
}

TEST_F(Dataset, AnExampleThatFailsIsCountedAndTheRunGoesOn) {
    std::string tooLong = "text\nThe room was dull\n\"";
    for (int i = 0; i < 3000; ++i) tooLong += "very ";
    write("long.csv", tooLong + "dull\"\n");
    const ProgramResult found =
        run({"compare", kModel, kVariant, "--data", file("long.csv"), "--method", "occlusion",
             "--yardsticks", "none", "--json", "--fail-if", "upper(flip_rate)>1"});
    EXPECT_EQ(found.exitCode, 1) << found.err;  // a failed example fails the gate
    const std::vector<Json> all = lines(found.out);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_NE(all[1]["failed"].get<std::string>().find("tokens"), std::string::npos);
    EXPECT_EQ(all.back()["failed_examples"], 1);
    const ProgramResult cut =
        run({"compare", kModel, kVariant, "--data", file("long.csv"), "--method", "occlusion",
             "--yardsticks", "none", "--truncate", "--json"});
    EXPECT_EQ(lines(cut.out).back()["failed_examples"], 0) << cut.err;
    EXPECT_NE(cut.out.find("texts were cut"), std::string::npos);
}

TEST_F(Dataset, YardsticksStandBesideTheFigures) {
    const ProgramResult found =
        run({"compare", kModel, kVariant, "--data", file("rows.csv"), "--method",
             "integrated_gradients:nodes=5,baseline=mask", "--json"});
    ASSERT_EQ(found.exitCode, 0) << found.err;
    const Json last = lines(found.out).back();
    const Json& yard = last["aggregate"].front()["integrated_gradients"]["spearman"]["yardsticks"];
    EXPECT_EQ(yard["examples"], 5);
    EXPECT_TRUE(yard["repeatability"]["float64"].is_number()) << yard;
    EXPECT_TRUE(yard["estimation"]["nodes"].is_number()) << yard;
    EXPECT_TRUE(yard["precision"]["bfloat16"].is_number()) << yard;
    EXPECT_EQ(yard["noise"]["drifts"].size(), 20U);
    EXPECT_FALSE(last["variants"][0]["verdicts"][1]["sentence"].get<std::string>().empty());
}

TEST_F(Dataset, PlansWithoutRunning) {
    const ProgramResult found = compare({"--plan", "--json", "--fail-if", "flip_rate>0.05"});
    ASSERT_EQ(found.exitCode, 0) << found.err;
    const Json plan = parseJson(found.out, "plan")["plan"];
    EXPECT_EQ(plan["examples"], 5);
    EXPECT_EQ(plan["explanations"], 10.0);
    EXPECT_NE(plan["notes"].dump().find("can be met from"), std::string::npos);
}

TEST_F(Dataset, WrongUseIsRefusedInOneLine) {
    EXPECT_EQ(compare({"--prompt", "x"}).exitCode, 2);
    EXPECT_EQ(compare({"--slice", "absent"}).exitCode, 3);
    EXPECT_EQ(compare({"--most", "0"}).exitCode, 2);
    EXPECT_EQ(compare({"--most", "-5"}).exitCode, 2);
    EXPECT_EQ(compare({"--fail-if", "flip_rate>1", "--allow-failed", "-1"}).exitCode, 2);
    EXPECT_EQ(run({"compare", kModel, kVariant, "--prompt", "x", "--plan"}).exitCode, 2);
    EXPECT_EQ(compare({"--margin", "spearman=-1"}).exitCode, 2);
    EXPECT_EQ(compare({"--margin", "magic=0.1"}).exitCode, 2);
    EXPECT_EQ(compare({"--primary", "magic"}).exitCode, 2);
    EXPECT_EQ(run({"compare", kModel, kVariant, "--data", file("absent.csv")}).exitCode, 3);
    const ProgramResult alone =
        run({"compare", kModel, kVariant, "--prompt", "x", "--fail-if", "flip_rate>0"});
    EXPECT_EQ(alone.exitCode, 2);
    EXPECT_NE(alone.err.find("--data"), std::string::npos);
}

TEST_F(Dataset, EvaluatesAModel) {
    const ProgramResult found =
        run({"evaluate", kModel, "--data", file("rows.csv"), "--slice", "source", "--json"});
    ASSERT_EQ(found.exitCode, 0) << found.err;
    const Json json = parseJson(found.out, "evaluate");
    EXPECT_EQ(json["schema"], "driftlens/evaluate/1");
    EXPECT_EQ(json["figures"]["accuracy"]["examples"], 5);
    EXPECT_EQ(json["slices"]["b"]["accuracy"]["examples"], 3);
    const ProgramResult causal =
        run({"evaluate", "samples/retrieval-llama-mini", "--data", file("rows.csv"), "--json"});
    ASSERT_EQ(causal.exitCode, 0) << causal.err;
    EXPECT_GT(parseJson(causal.out, "evaluate")["figures"]["perplexity"]["value"], 1.0);
    EXPECT_EQ(run({"evaluate", kModel}).exitCode, 2);
}

}  // namespace
}  // namespace driftlens
