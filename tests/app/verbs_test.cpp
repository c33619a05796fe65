// Each verb on the project's own sample models, through the program that users run.
#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/files/safetensors.h"
#include "engine/audit/log.h"
#include "tests/support/fixtures.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <cstring>

namespace driftlens {
namespace {

const std::string kModel = "samples/sentiment-bert-mini";
const std::string kPrompt = "The film was not bad at all";

class Verbs : public ::testing::Test {
protected:
    // Runs a verb that must succeed.
    std::string run(const std::vector<std::string>& arguments) const {
        const ProgramResult result = runProgram(DRIFTLENS_PROGRAM, arguments, m_scratch);
        EXPECT_EQ(result.exitCode, 0) << arguments.front() << ": " << result.err;
        EXPECT_EQ(result.err, "") << arguments.front();  // no progress in a pipe
        return result.out;
    }
    Json json(std::vector<std::string> arguments) const {
        arguments.emplace_back("--json");
        const std::string schema = "driftlens/" + arguments.front() + "/1";
        Json out = parseJson(run(arguments), arguments.front());
        EXPECT_EQ(out["schema"], schema);
        return out;
    }
    std::string file(const std::string& name) const { return m_scratch / name; }

private:
    ScratchFolder m_scratch;
};

TEST_F(Verbs, AllHaveHelpWithAnExample) {
    const std::string all = run({"--help"});
    for (const std::string verb :
         {"demo", "inspect", "tokenize", "capture", "generate", "explain", "compare", "compress",
          "report", "rerun", "audit", "gui", "bench"}) {
        EXPECT_NE(all.find("\n  " + verb + " "), std::string::npos) << verb;
        if (verb == "gui") continue;  // another program with its own help
        const std::string help = run({verb, "--help"});
        EXPECT_NE(help.find("example: driftlens " + verb), std::string::npos) << verb;
    }
    EXPECT_TRUE(run({"--version"}).starts_with("driftlens "));
}

TEST_F(Verbs, TokenizeGivesIdsPiecesAndByteRanges) {
    const Json found = json({"tokenize", kModel, "--prompt", kPrompt});
    ASSERT_EQ(found["tokens"].size(), 9U);  // [CLS] and [SEP] included
    EXPECT_EQ(found["ids"].size(), 9U);
    EXPECT_TRUE(found["tokens"][0]["start"].is_null());
    EXPECT_EQ(found["tokens"][2]["text"], "film");
    EXPECT_EQ(found["tokens"][2]["start"], 4);
    EXPECT_EQ(found["tokens"][2]["end"], 8);
}

TEST_F(Verbs, InspectNamesEveryTensor) {
    const Json found = json({"inspect", kModel + "@int4"});
    EXPECT_EQ(found["family"], "bert");
    EXPECT_NE(found.dump().find("blocks.1.mlp.down_proj"), std::string::npos);
    EXPECT_NE(found.dump().find("INT4 group 32"), std::string::npos);
}

TEST_F(Verbs, ExplainGivesAScorePerToken) {
    const Json found = json({"explain", kModel, "--prompt", kPrompt, "--method", "occlusion",
                             "--method", "integrated_gradients", "--set", "nodes=20"});
    ASSERT_EQ(found["results"].size(), 2U);
    EXPECT_EQ(found["results"][0]["tokens"].size(), found["ids"].size());
    EXPECT_EQ(found["results"][1]["settings"]["nodes"], "20");
    EXPECT_EQ(found["target"]["quantity"], "log_probability");
}

TEST_F(Verbs, CompareWritesItsReportAndTheLogCanWriteItAgain) {
    const std::string log = file("audit.db");
    const Json found = json({"compare", kModel, kModel + "@int2", "--prompt", kPrompt, "--method",
                             "occlusion", "--log", log, "--report", file("report.html")});
    EXPECT_EQ(found["variants"].size(), 1U);
    const std::string report = textOf(file("report.html"));
    EXPECT_NE(report.find("<svg"), std::string::npos);
    EXPECT_EQ(report.find("<script"), std::string::npos);
    const Json again = parseJson(run({"report", log, "--json"}), "report");
    EXPECT_EQ(again["comparison"], found);
    EXPECT_EQ(again["evidence"]["run"], found["run"]);
    EXPECT_NE(run({"report", log}).find("<svg"), std::string::npos);
    EXPECT_EQ(parseJson(run({"audit", "list", log, "--json"}), "list")["runs"].size(), 1U);
}

TEST_F(Verbs, CompressWritesAFolderThatAnswersAsTheVariantDoes) {
    const std::string folder = file("int3");
    run({"compress", kModel, "--scheme", "int3", "--out", folder});
    const Json found =
        json({"compare", kModel + "@int3", folder, "--prompt", kPrompt, "--method", "occlusion"});
    EXPECT_EQ(found["variants"][0]["fidelity"]["kl"], 0.0);
}

TEST_F(Verbs, CaptureWritesTheAskedSites) {
    run({"capture", kModel, "--prompt", kPrompt, "--sites",
         "logits,hidden_states,attentions,grad_embeddings", "--out", file("c.safetensors")});
    const std::string bytes = textOf(file("c.safetensors"));
    for (const std::string name :
         {"input_ids", "logits", "hidden_states.2", "attentions.1", "grad_embeddings"}) {
        EXPECT_NE(bytes.find("\"" + name + "\""), std::string::npos) << name;
    }
}

// The pair's segments reach the model: its logits and gradient are those of transformers.
TEST_F(Verbs, CaptureTakesAPairOfTexts) {
    REQUIRE_SHARED(folder, "data/hf-tiny/bert-cls");
    const Json golden = readJsonFile(folder / "golden.json");
    const Json pair = golden["cases"][2]["texts"][0];
    const auto expected = readSafetensors(MappedFile::open(folder / "golden.safetensors"));
    const auto valuesOf = [](const SafetensorsFile& read, const std::string& name) {
        for (const StoredTensor& t : read.tensors) {
            if (t.name != name) continue;
            std::vector<float> values(static_cast<std::size_t>(t.elementCount()));
            std::memcpy(values.data(), t.bytes.data(), t.bytes.size());
            return values;
        }
        return std::vector<float>();
    };
    run({"capture", folder.string(), "--prompt", pair[0].get<std::string>(), "--pair",
         pair[1].get<std::string>(), "--sites", "logits,grad_embeddings", "--out",
         file("p.safetensors")});
    const auto ours = readSafetensors(MappedFile::open(file("p.safetensors")));
    for (const std::string name : {"logits", "grad_embeddings"}) {
        const std::vector<float> theirs = valuesOf(expected, "p2/" + name);
        const std::vector<float> mine = valuesOf(ours, name);
        ASSERT_EQ(mine.size(), theirs.size()) << name;
        const double tolerance = golden["tolerances"][name]["atol"].get<double>();
        for (std::size_t i = 0; i < mine.size(); ++i) EXPECT_NEAR(mine[i], theirs[i], tolerance);
    }
}

TEST_F(Verbs, ExplainAndCompareTakeAGgufFileBesideTheFolderItWasMadeFrom) {
    REQUIRE_SHARED(folder, "data/compressed/gguf/llama-small");
    const Json found =
        json({"compare", (folder / "hf-float16").string(), (folder / "F16.gguf").string(),
              (folder / "Q4_0.gguf").string(), "--prompt", "O Romeo", "--method", "occlusion"});
    // The same half-precision weights in two formats; rows of q and k are gathered, not copied.
    EXPECT_NEAR(found["variants"][0]["fidelity"]["kl"].get<double>(), 0.0, 1e-9);
    EXPECT_GT(found["variants"][1]["fidelity"]["kl"].get<double>(), 1e-3);
}

TEST_F(Verbs, GenerateContinuesSeveralPromptsAsOneBatch) {
    const std::string model = "samples/retrieval-llama-mini";
    const Json one = json({"generate", model, "--prompt", "box A holds", "--tokens", "3"});
    EXPECT_LE(one["ids"].size(), 3U);
    const Json two = json({"generate", model, "--prompt", "box A holds", "--prompt",
                           "box B holds a coin . box B", "--tokens", "3", "--temperature", "0.7",
                           "--seed", "4"});
    ASSERT_EQ(two["continuations"].size(), 2U);
    EXPECT_EQ(json({"generate", model, "--prompt", "box A holds", "--prompt",
                    "box B holds a coin . box B", "--tokens", "3", "--temperature", "0.7", "--seed",
                    "4"}),
              two);
}

TEST_F(Verbs, AComparisonGivesTheScoresOfEachTokenOfASpanOnBothSides) {
    const std::string model = "samples/retrieval-llama-mini";
    const std::vector<std::string> asked = {"compare",
                                            model,
                                            model + "@int4",
                                            "--prompt",
                                            "box A holds a lamp . box A holds a",
                                            "--target",
                                            "generated:2",
                                            "--method",
                                            "input_x_gradient:answer_tokens=yes"};
    EXPECT_NE(run(asked).find("--json has the scores of each of the answer's 2 tokens"),
              std::string::npos);
    const Json found = json(asked);
    const Json& drift = found["variants"][0]["explanations"][0];
    for (const std::string side : {"reference", "variant"}) {
        const Json& tokens = drift[side + "_answer_tokens"];
        ASSERT_EQ(tokens.size(), 2U) << side;
        for (std::size_t i = 0; i < drift[side + "_scores"].size(); ++i) {
            double sum = 0.0;
            for (const Json& token : tokens) sum += token["scores"][i].get<double>();
            // Other backward passes in float32: rounding of scores of about ten.
            EXPECT_NEAR(sum, drift[side + "_scores"][i].get<double>(), 1e-4) << side << " " << i;
        }
    }
}

TEST_F(Verbs, BenchMeasuresATokenizer) {
    const Json found = json(
        {"bench", kModel, "--text", "samples/retrieval-llama-mini/README.md", "--repeat", "1"});
    EXPECT_GT(found["tokenizer"]["tokens"].get<int>(), 100);
}

TEST_F(Verbs, BenchMeasuresLoadingAndMethods) {
    const Json found =
        json({"bench", kModel, "--method", "occlusion", "--tokens", "8", "--repeat", "1"});
    EXPECT_GT(found["load"]["seconds"], 0.0);
    EXPECT_GT(found["methods"][0]["seconds"], 0.0);
    EXPECT_EQ(found["methods"][0]["tokens"], 8);
    EXPECT_GT(found["peak_bytes"].get<double>(), 5e7);  // LibTorch alone takes that
}

TEST_F(Verbs, ReportWritesAFolderOfEveryFormatAndAllOfThemAgainFromTheJsonAlone) {
    const std::string log = file("r.db");
    run({"compare", kModel, kModel + "@int4", "--prompt", "The film was good", "--method",
         "occlusion", "--log", log, "--report", file("all")});
    for (const char* name : {"all/report.html", "all/verdicts.csv", "all/MANIFEST.csv"})
        EXPECT_FALSE(textOf(file(name)).empty()) << name;
    const Json report = parseJson(textOf(file("all/report.json")), "report");
    EXPECT_EQ(report["evidence"]["proofs"].size(), report["evidence"]["records"].size());
    EXPECT_TRUE(report["evidence"]["checkpoint"].is_string());
    for (const std::string format : {"html", "json"}) {
        run({"report", "--from", file("all/report.json"), "--out", file("again." + format)});
        EXPECT_EQ(textOf(file("again." + format)), textOf(file("all/report." + format))) << format;
    }
    // What was written before is on record; a report from its JSON is where a log is named.
    const std::string id = report["evidence"]["run"];
    run({"report", log, "--from", file("all/report.json"), "--section", "verdict", "--out",
         file("one.html")});
    const AuditRecord last = AuditLog::openForReading(log)->records().back();
    EXPECT_EQ(last.body["sha256"], toHex(sha256(textOf(file("one.html")))));
    EXPECT_EQ(last.body["run"], id);
    EXPECT_EQ(textOf(file("one.html")).find("id=\"audit\""), std::string::npos);
}

TEST_F(Verbs, ReportPrintsItsSchema) {
    EXPECT_EQ(parseJson(run({"report", "--schema"}), "schema")["$schema"],
              "https://json-schema.org/draft/2020-12/schema");
}

}  // namespace
}  // namespace driftlens
