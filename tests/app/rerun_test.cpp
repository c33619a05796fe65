// rerun: what is on record comes out again to the last bit, and what does not is said. Test 20 of
// reference/audit-and-reports.md, 3.7.
#include "tests/app/rerun_fixture.h"
#include "tests/support/fixtures.h"

namespace driftlens {
namespace {

namespace fs = std::filesystem;

TEST_F(RerunVerb, AnExplanationComesOutBitwiseEqual) {
    const Json found =
        expectEqual(logged({"explain", kBert, "--prompt", kPrompt, "--method", "occlusion",
                            "--method", "integrated_gradients:nodes=20", "--method", "attention",
                            "--seed", "7", "--group", "word", "--metrics", "--rationale", "4-8"}));
    EXPECT_EQ(found["verb"], "explain");
    EXPECT_EQ(found["results"].size(), 4U);  // and the answer
    EXPECT_GT(found["digests"]["files"].size(), 2U);
    EXPECT_GT(found["digests"]["payloads"], 0);
    EXPECT_GT(found["digests"]["blobs"], 0);
    EXPECT_EQ(found["log"]["status"], "ok");
}

TEST_F(RerunVerb, EveryMethodThatCanExplainComesOutBitwiseEqual) {
    for (const std::string& model : {kBert, kLlama}) {
        const Json found = expectEqual(logged({"explain", model, "--prompt", "box A holds a lamp",
                                               "--method", "all", "--seed", "3"}));
        EXPECT_GT(found["results"].size(), 12U);
    }
}

// Whether a method is asked for the tokens of a span or gives them always.
TEST_F(RerunVerb, TheScoresOfEachAnswerTokenComeOutBitwiseEqualOrAreFound) {
    const std::vector<std::string> methods = {
        "integrated_gradients:nodes=8,baseline=mean,answer_tokens=yes",
        "vargrad:samples=4,answer_tokens=yes", "attention_gradient:answer_tokens=yes", "attention",
        "occlusion"};
    for (const std::string& method : methods)
        expectEqual(logged({"explain", kLlama, "--prompt", "box A holds a lamp . box A", "--target",
                            "generated:3", "--method", method}));
    logged({"explain", kLlama, "--prompt", "box A holds a lamp . box A", "--target", "generated:3",
            "--method", methods[0]});
    Forger forger;
    forger.changeResult = [](Json& body) {
        for (Json& each : body["results"]) each["answer_tokens"][1]["completeness_gap"] = "0.5";
    };
    const std::string id = forger.forge(log(), path("forged.db"));
    const ProgramResult found = result({"rerun", path("forged.db"), id, "--json"});
    EXPECT_EQ(found.exitCode, 1) << found.err;
    const Json first = parseJson(found.out, "rerun")["results"][0];
    EXPECT_EQ(first["field"], "result/answer_tokens/1/completeness_gap") << first;
}

TEST_F(RerunVerb, AComparisonComesOutBitwiseEqual) {
    const Json found = expectEqual(
        logged({"compare", kBert, kBert + "@int4:group=32",
                kBert + "@prune_magnitude:sparsity=0.5+int8", "--prompt", kPrompt, "--method",
                "integrated_gradients:nodes=20", "--method", "occlusion", "--target", "margin"}));
    EXPECT_EQ(found["verb"], "compare");
    EXPECT_EQ(found["results"].size(), 6U);  // two methods and the answer, of two variants
}

// A run that went on with another is computed whole, by the other's plan.
TEST_F(RerunVerb, ADataSetComesOutBitwiseEqualResumedOrNot) {
    std::ofstream(path("rows.csv")) << "text,label,kind\nThe film was not bad at all,positive,a\n"
                                       "The room was dull,negative,b\n"
                                       "My friend praised the poster,positive,a\n";
    const std::vector<std::string> asked = {"compare",
                                            kBert,
                                            kBert + "@int4:group=32",
                                            kBert + "@int3:group=32",
                                            "--data",
                                            path("rows.csv"),
                                            "--slice",
                                            "kind",
                                            "--method",
                                            "integrated_gradients:nodes=8",
                                            "--fail-if",
                                            "sentiment-bert-mini@int4:flip_rate>0.9"};
    std::vector<std::string> beginning = asked;
    beginning.insert(beginning.end(), {"--most", "2", "--yardsticks", "none", "--json"});
    const std::string first = logged(beginning);
    const Json found = expectEqual(first);
    EXPECT_EQ(found["verb"], "compare");
    EXPECT_EQ(found["results"].size(), 6U);  // examples of three models, two aggregates, the rest
    std::vector<std::string> rest = asked;
    rest.insert(rest.end(), {"--resume", first, "--json"});
    expectEqual(logged(rest));
}

TEST_F(RerunVerb, ADataSetThatWasChangedIsNotComputedAgain) {
    std::ofstream(path("rows.csv")) << "text,label\nThe room was dull,negative\n";
    const std::string id = logged({"compare", kBert, kBert + "@int8", "--data", path("rows.csv"),
                                   "--method", "saliency", "--yardsticks", "none"});
    std::ofstream(path("rows.csv")) << "text,label\nThe room was bright,negative\n";
    expectRefused(id, 3, "rows.csv");
}

TEST_F(RerunVerb, AnotherBatchMovesADataSetWithinTolerance) {
    std::ofstream rows(path("rows.txt"));
    for (int i = 0; i < 6; ++i)
        rows << "box A holds a lamp . box B holds a coin . box A holds a "
             << (i % 2 ? "lamp" : "coin") << "\n";
    rows.close();
    const std::string id =
        logged({"compare", kLlama, kLlama + "@int4:group=32", "--data", path("rows.txt"),
                "--method", "integrated_gradients:nodes=8", "--yardsticks", "none"});
    const Json found = rerun(id, {"--batch", "2"});
    EXPECT_NE(found["status"], "differing") << found.dump(1);
}

TEST_F(RerunVerb, IdsTargetsPositionsAndTextsOfSettingsAreAsked) {
    expectEqual(logged({"explain", kLlama, "--ids", "5,17,2,9", "--target", "contrast:5|6",
                        "--position", "-2", "--quantity", "logit", "--method", "saliency"}));
    // The same method twice: each keeps its own text.
    expectEqual(logged({"explain", kLlama, "--prompt", "box A holds a lamp", "--method",
                        "activation_patching:corrupted=text:box A holds a coin", "--method",
                        "activation_patching:corrupted=text:box A holds a rope"}));
}

TEST_F(RerunVerb, MetricsThatExplainAgainComeOutAgain) {
    expectEqual(
        logged({"explain", kBert, "--prompt", kPrompt, "--method", "saliency", "--metrics=all"}));
}

TEST_F(RerunVerb, StartsFromTheFolderOfTheRun) {
    const std::string id = explained();
    const fs::path here = fs::current_path();
    fs::current_path(fs::temp_directory_path());
    const ProgramResult found = result({"rerun", log(), id, "--json"});
    fs::current_path(here);
    EXPECT_EQ(found.exitCode, 0) << found.err;
}

TEST_F(RerunVerb, PutsItsVerdictOnRecordWithoutTheResult) {
    const std::string id = explained();
    rerun(id);
    const std::vector<AuditRecord> records = AuditLog::openForReading(log())->records(id);
    ASSERT_EQ(records.back().type, "rerun");
    const Json& body = records.back().body;
    EXPECT_EQ(body["verdict"], "bitwise_equal");
    EXPECT_EQ(body["run"], id);
    EXPECT_EQ(body["results"].size(), 2U);
    EXPECT_EQ(body.dump().find("film"), std::string::npos);
    // It changes nothing else about the run.
    EXPECT_EQ(AuditLog::openForReading(log())->runs().back().status, "finished");
    EXPECT_EQ(rerun(id)["status"], "bitwise_equal");
}

TEST_F(RerunVerb, LeavesTheLogAloneIfAskedTo) {
    const std::string id = explained();
    const std::string before = textOf(log());
    const Json found = rerun(id, {"--no-record"});
    EXPECT_TRUE(found["record"].is_null());
    EXPECT_EQ(found["why_no_record"], "not asked to");
    EXPECT_EQ(textOf(log()), before);
}

TEST_F(RerunVerb, AnotherLogCanTakeTheVerdict) {
    const std::string id = explained();
    const std::string before = textOf(log());
    rerun(id, {"--log", path("auditor.db")});
    EXPECT_EQ(textOf(log()), before);
    const AuditRecord last = AuditLog::openForReading(path("auditor.db"))->records().back();
    EXPECT_EQ(last.type, "rerun");
    EXPECT_EQ(last.runId, "");
    EXPECT_EQ(last.body["run"], id);
    EXPECT_EQ(last.body["log_id"], AuditLog::openForReading(log())->logId());
    EXPECT_EQ(verifyAuditLog(path("auditor.db")).status, "ok");
}

TEST_F(RerunVerb, ALogThatCannotBeWrittenIsSaid) {
    if (::geteuid() == 0) GTEST_SKIP() << "root writes to everything";
    const std::string id = explained();
    for (const std::string& name : {std::string(kLog), std::string(kLog) + ".checkpoints"})
        fs::permissions(path(name), fs::perms::owner_read);
    const Json found = rerun(id);
    EXPECT_TRUE(found["record"].is_null());
    EXPECT_NE(found["why_no_record"].get<std::string>().find(kLog), std::string::npos);
}

// Another number of threads or another micro-batch adds in another order.
TEST_F(RerunVerb, AnotherPlanIsWithinToleranceAndNamedAsTheReason) {
    const std::string id =
        logged({"compare", kBert, kBert + "@int4", "--prompt",
                "My friend praised the poster , but the room was not clever at all", "--method",
                "integrated_gradients:nodes=50", "--method", "occlusion", "--batch", "7"});
    // Few passes: threads that wait for a busy core make each of them slow.
    const Json threads = rerun(explained(), {"--threads", "2"});
    EXPECT_NE(threads["status"], "differing");
    EXPECT_EQ(threads["environment_differences"],
              (Json{{{"what", "threads"}, {"recorded", "1"}, {"now", "2"}}}));
    const Json batch = rerun(id, {"--batch", "1"});
    EXPECT_EQ(batch["status"], "within_tolerance") << batch.dump(1);
    EXPECT_EQ(batch["environment_differences"][0]["what"], "batch");
    EXPECT_GT(batch["largest_difference"], 0.0);
    EXPECT_LT(batch["largest_difference"], 1e-3);
    EXPECT_NE(batch["tolerance"].get<std::string>().find("float64"), std::string::npos);
}

TEST_F(RerunVerb, AChangedScoreIsFoundWhoeverSignedIt) {
    explained();
    Forger forger;
    forger.changeBlob = [](const std::string& key, std::vector<double>& values) {
        if (key == "scores") values.at(4) += 1e-3;
    };
    const std::string id = forger.forge(log(), path("forged.db"));
    EXPECT_EQ(verifyAuditLog(path("forged.db")).status, "ok");
    const ProgramResult found = result({"rerun", path("forged.db"), id, "--json"});
    EXPECT_EQ(found.exitCode, 1) << found.err;
    const Json json = parseJson(found.out, "rerun");
    EXPECT_EQ(json["status"], "differing");
    EXPECT_EQ(json["results"][0]["field"], "result/scores");
    EXPECT_EQ(json["results"][0]["index"], 4);
    EXPECT_NEAR(json["results"][0]["largest_difference"].get<double>(), 1e-3, 1e-6);
    EXPECT_EQ(json["results"][1]["verdict"], "bitwise_equal");
    const AuditRecord last = AuditLog::openForReading(path("forged.db"))->records().back();
    EXPECT_EQ(last.body["verdict"], "differing");
}

TEST_F(RerunVerb, AnotherSeedThanRecordedIsFound) {
    logged({"explain", kBert, "--prompt", kPrompt, "--method", "smoothgrad"});
    Forger forger;
    forger.changeStart = [](Json& start) { start["compute"]["seed"] = "1"; };
    const std::string id = forger.forge(log(), path("forged.db"));
    const ProgramResult found = result({"rerun", path("forged.db"), id});
    EXPECT_EQ(found.exitCode, 1) << found.err;
    EXPECT_NE(found.out.find("verdict  differing"), std::string::npos) << found.out;
}

// Version 0.1.0 wrote no figures, metrics, payloads of results, or folder at first.
TEST_F(RerunVerb, ReadsRecordsOfEarlierVersions) {
    logged({"explain", kBert, "--prompt", kPrompt, "--method", "kernel_shap"});
    Forger forger;
    forger.keepsExamples = false;
    forger.changeStart = [](Json& start) {
        for (const char* key : {"folder", "metrics", "leaves_out_impossible"}) start.erase(key);
        for (const char* key : {"instruction_set", "processor", "build"})
            start["environment"].erase(key);
    };
    forger.changeResult = [](Json& body) {
        for (const char* key : {"quantity", "position", "target_value", "left_out"})
            body.erase(key);
        for (Json& each : body["results"]) {
            for (const char* key :
                 {"figures", "metrics", "standard_error", "answer_tokens", "interactions"})
                each.erase(key);
        }
    };
    const std::string id = forger.forge(log(), path("old.db"));
    const ProgramResult found = result({"rerun", path("old.db"), id, "--json"});
    EXPECT_EQ(found.exitCode, 0) << found.err;
    const Json json = parseJson(found.out, "rerun");
    EXPECT_EQ(json["status"], "bitwise_equal");
    EXPECT_EQ(json["results"].size(), 1U);  // of the answer nothing was on record
}

TEST_F(RerunVerb, NamesWhatIsNotAsItWas) {
    explained();
    Forger forger;
    forger.changeStart = [](Json& start) {
        start["environment"]["build"] = "another";
        start["environment"]["libtorch"] = "1.13.0";
        start["environment"]["instruction_set"] = "AVX2";
        start["environment"]["cores"] = 1000;  // which decides nothing
    };
    const std::string id = forger.forge(log(), path("other.db"));
    const Json found = parseJson(run({"rerun", path("other.db"), id, "--json"}),
                                 "rerun")["environment_differences"];
    ASSERT_EQ(found.size(), 3U) << found;
    EXPECT_EQ(found[0]["what"], "build");
    EXPECT_EQ(found[1]["recorded"], "1.13.0");
    EXPECT_EQ(found[2]["what"], "instruction_set");
}

// Figures are of the record; what could rebuild the prompt or the answer is in payloads alone.
TEST_F(RerunVerb, NoRecordTellsOfThePromptOrTheAnswer) {
    logged({"explain", kLlama, "--prompt", "box A holds a lamp", "--method", "all", "--target",
            "generated:3", "--metrics"});
    logged({"explain", kBert, "--prompt", kPrompt, "--method", "counterfactual", "--method",
            "shapley_exact"});
    for (const AuditRecord& record : AuditLog::openForReading(log())->records()) {
        const std::string text = record.body.dump();
        for (const std::string word : {"lamp", "holds", "film", "not bad", "box A", "[CLS]"})
            EXPECT_EQ(text.find(word), std::string::npos) << word << " in record " << record.seq;
        EXPECT_EQ(text.find("\"from\""), std::string::npos);
    }
}

}  // namespace
}  // namespace driftlens
