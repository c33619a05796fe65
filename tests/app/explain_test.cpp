// explain: groups, files by their ending, cards of methods, on the project's own samples.
#include "core/base/digest.h"
#include "core/base/json.h"
#include "engine/audit/log.h"
#include "engine/audit/verify.h"
#include "tests/reports/markup.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <numeric>

namespace driftlens {
namespace {

const std::string kModel = "samples/sentiment-bert-mini";
const std::string kPrompt = "The film wasn't bad. I liked it!";

class Explain : public ::testing::Test {
protected:
    ProgramResult result(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "explain");
        return runProgram(DRIFTLENS_PROGRAM, arguments, m_scratch);
    }
    std::string run(const std::vector<std::string>& arguments) const {
        const ProgramResult found = result(arguments);
        EXPECT_EQ(found.exitCode, 0) << found.err;
        if (arguments.back().ends_with(".db")) return found.out;  // says where the new log's key is
        EXPECT_EQ(found.err, "");
        return found.out;
    }
    // Of the sample and its prompt.
    std::string explain(std::vector<std::string> more) const {
        more.insert(more.begin(), {kModel, "--prompt", kPrompt, "--method", "occlusion"});
        return run(more);
    }
    std::string written(const std::string& name, const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments = {"--out", m_scratch / name};
        arguments.insert(arguments.end(), more.begin(), more.end());
        EXPECT_EQ(explain(arguments), "") << name;
        return textOf(m_scratch / name);
    }
    std::string path(const std::string& name) const { return m_scratch / name; }

private:
    ScratchFolder m_scratch;
};

double sumOf(const Json& rows) {
    return std::accumulate(rows.begin(), rows.end(), 0.0, [](double sum, const Json& row) {
        return sum + row["score"].get<double>();
    });
}

TEST_F(Explain, AddsScoresUpToWordsWithoutLosingAny) {
    const Json found = parseJson(explain({"--group", "word", "--json"}), "explain")["results"][0];
    std::vector<std::string> texts;
    for (const Json& group : found["groups"]) texts.push_back(group["text"]);
    EXPECT_EQ(texts, (std::vector<std::string>{"[CLS]", "The", "film", "wasn't", "bad", ".", "I",
                                               "liked", "it", "!", "[SEP]"}));
    EXPECT_EQ(found["groups"][3]["start"], 9);
    EXPECT_EQ(found["groups"][3]["end"], 15);
    EXPECT_NEAR(sumOf(found["groups"]), sumOf(found["tokens"]), 1e-9);
    EXPECT_NE(found["group_rule"].get<std::string>().find("Annex 29"), std::string::npos);
}

TEST_F(Explain, AddsScoresUpToSentencesAndSpansInTheTerminal) {
    const std::string sentences = explain({"--group", "sentence"});
    EXPECT_NE(sentences.find("The film wasn't bad.\n"), std::string::npos) << sentences;
    EXPECT_NE(sentences.find("I liked it!\n"), std::string::npos);
    const std::string spans = explain({"--group", "spans=4-19"});
    EXPECT_NE(spans.find("film wasn't bad\n"), std::string::npos) << spans;
}

TEST_F(Explain, WithoutGroupsKeepsTheJsonOfBefore) {
    const std::string plain = explain({"--json"});
    EXPECT_FALSE(parseJson(plain, "explain")["results"][0].contains("groups"));
    EXPECT_FALSE(parseJson(plain, "explain")["results"][0].contains("attention"));
}

TEST_F(Explain, WritesWhatTheEndingOfTheFileSays) {
    EXPECT_EQ(parseJson(written("out.json"), "out.json")["schema"], "driftlens/explain/1");
    EXPECT_TRUE(written("out.csv").starts_with("method,index,id,text,start,end,score,"));
    const std::string html = written("out.HTML", {"--group", "word"});
    EXPECT_TRUE(html.starts_with("<!DOCTYPE html>"));
    expectWellFormed(html);
    const std::string svg = written("out.svg");
    EXPECT_TRUE(svg.starts_with("<?xml "));
    expectWellFormed(svg);
    EXPECT_NE(written("out.md").find("explained: log_probability"), std::string::npos);
    EXPECT_EQ(parseJson(written("out.dat", {"--json"}), "out.dat")["schema"],
              "driftlens/explain/1");
}

TEST_F(Explain, PutsTheFileThatItWritesOnRecord) {
    const std::string log = path("audit.db");
    const std::string page = written("out.html", {"--log", log});
    const auto records = AuditLog::openForReading(log)->records();
    ASSERT_FALSE(records.empty());
    const Json& last = records.back().body;
    EXPECT_EQ(last["format"], "driftlens/report/explanation.html");
    EXPECT_EQ(last["sha256"], toHex(sha256(page)));
    EXPECT_EQ(last["run"], AuditLog::openForReading(log)->runs().back().runId);
    EXPECT_EQ(verifyAuditLog(log).status, "ok");
}

TEST_F(Explain, DrawsAttentionWhereThereIsAny) {
    run({kModel, "--prompt", kPrompt, "--method", "attention", "--out", path("a.html")});
    const std::string html = textOf(path("a.html"));
    expectWellFormed(html);
    EXPECT_NE(html.find("Attention of all layers and heads"), std::string::npos);
    EXPECT_NE(html.find("<title>film → "), std::string::npos);
    const Json found = parseJson(
        run({kModel, "--prompt", "good film", "--method", "attention", "--attention", "--json"}),
        "explain");
    const Json& map = found["results"][0]["attention"][0];
    EXPECT_EQ(map["values"].size(), found["ids"].size());
    EXPECT_TRUE(map["head"].is_null());
}

// Rollout has one map through all layers, gradient-weighted attention none per head.
TEST_F(Explain, CallsNoMapAttentionOfAHeadThatIsNone) {
    for (const std::string method : {"attention_rollout", "attention_gradient"}) {
        run({kModel, "--prompt", kPrompt, "--method", method, "--out", path("m.html")});
        const std::string html = textOf(path("m.html"));
        EXPECT_EQ(html.find("layer by head"), std::string::npos) << method;
        EXPECT_EQ(html.find("ayer -1"), std::string::npos) << method;
        EXPECT_NE(
            html.find(method == "attention_rollout" ? "Through all layers" : "Mean of all layers"),
            std::string::npos);
    }
}

TEST_F(Explain, PrintsTheCardOfAMethodWithoutAModel) {
    const std::string card = run({"--help-method", "integrated_gradients"});
    for (const std::string part : {"Integrated Gradients", "arXiv 1703.01365", "complete",
                                   "nodes=50", "from 1 to 4096", "caveats"})
        EXPECT_NE(card.find(part), std::string::npos) << part << "\n" << card;
    const ProgramResult unknown = result({"--help-method", "magic"});
    EXPECT_EQ(unknown.exitCode, 2);
    EXPECT_NE(unknown.err.find("occlusion"), std::string::npos) << unknown.err;
}

// What a prompt holds must not steer the terminal that shows it.
TEST_F(Explain, PrintsNoControlCharacterOfThePrompt) {
    const std::string out = run({kModel, "--prompt", "good \x1B[31m film \x07 \u202E bad",
                                 "--method", "occlusion", "--group", "sentence"});
    for (const char* const control : {"\x1B", "\x07", "\u202E"})
        EXPECT_EQ(out.find(control), std::string::npos);
    EXPECT_NE(out.find("␛[31m"), std::string::npos) << out;
}

}  // namespace
}  // namespace driftlens
