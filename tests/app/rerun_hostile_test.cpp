// rerun where the models, the files or the log are no longer what they were; and reports on record.
#include "tests/app/rerun_fixture.h"
#include "tests/support/fixtures.h"

namespace driftlens {
namespace {

namespace fs = std::filesystem;

TEST_F(RerunVerb, AChangedWeightIsRefusedBeforeAnythingIsComputed) {
    const std::string model = copyOfSample();
    const std::string id = explained(model);
    changeByte(model + "/model.safetensors", 100);
    expectRefused(id, 3, "model.safetensors\" is not the file that the run used: SHA-256");
}

TEST_F(RerunVerb, AMissingFileOrModelIsRefused) {
    const std::string model = copyOfSample();
    const std::string id = explained(model);
    fs::remove(model + "/tokenizer.json");
    expectRefused(id, 3, "tokenizer.json\" of the recorded run is not there");
    fs::remove_all(model);
    expectRefused(id, 3, "model\" of the recorded run is not there");
}

TEST_F(RerunVerb, AFileThatWasAddedIsNoticed) {
    const std::string model = copyOfSample();
    const std::string id = explained(model);
    std::ofstream(model + "/special_tokens_map.json") << "{}";
    expectRefused(id, 3, "added, removed or changed");
}

// Adapters and GGUF files are files of a model, too; a name may need quotes in a recipe.
TEST_F(RerunVerb, AdaptersAndGgufFilesAreChecked) {
    REQUIRE_SHARED(folder, "data/compressed");
    const fs::path peft = folder / "peft";
    fs::copy(peft / "llama-lora", path("lo+ra@1"));
    const std::string adapted =
        (peft / "base-llama").string() + "@int8+adapter=\"" + path("lo+ra@1") + "\"";
    const std::string id = logged({"compare", (peft / "base-llama").string(), adapted, "--ids",
                                   "5,17,2", "--method", "occlusion"});
    expectEqual(id);
    changeByte(path("lo+ra@1") + "/adapter_model.safetensors", 10);
    expectRefused(id, 3, "adapter_model.safetensors\" is not the file that the run used");

    fs::copy(folder / "gguf/llama-small/Q4_0.gguf", path("m.gguf"));
    const std::string other =
        logged({"explain", path("m.gguf"), "--prompt", "O Romeo", "--method", "occlusion"});
    expectEqual(other);
    changeByte(path("m.gguf"), 10);
    expectRefused(other, 3, "m.gguf\" is not the file that the run used");
}

TEST_F(RerunVerb, AChangedConceptFileIsRefused) {
    std::vector<std::string> asked = {"explain", kBert, "--prompt", kPrompt, "--method", "tcav"};
    for (const std::string name : {"good", "r1", "r2"}) {
        std::ofstream(path(name)) << "good film\nclever film\nnot bad\nnot clever\nthe film\n"
                                  << name << "\n";
        asked.push_back(name == "good" ? "--concept" : "--random");
        asked.push_back(name == "good" ? "good=" + path(name) : path(name));
    }
    std::ofstream(path("examples")) << "the film\nbad film\n";
    asked.insert(asked.end(), {"--examples", path("examples")});
    const std::string id = logged(asked);
    expectEqual(id);
    std::ofstream(path("r2")) << "another\n";
    expectRefused(id, 3, "r2\" is not the file that the run used");
}

// The name of such a variant holds the path of its adapter, which is another from elsewhere.
TEST_F(RerunVerb, ADataSetWithAnAdapterComesOutAgainFromAnotherFolder) {
    REQUIRE_SHARED(trained, "data/trained/shakespeare-gpt2");
    const std::string base = fs::absolute(trained).string();
    fs::copy(trained / "adapter-reviews", path("reviews"));
    std::ofstream(path("rows.txt")) << "To be or not\nWhat light is this\n";
    const fs::path here = fs::current_path();
    fs::current_path(fs::path(path("rows.txt")).parent_path());
    const std::string id = logged({"compare", base, base + "@adapter=reviews", "--data", "rows.txt",
                                   "--method", "saliency", "--yardsticks", "none"});
    fs::current_path(fs::temp_directory_path());
    const Json found = rerun(id);
    fs::current_path(here);
    EXPECT_EQ(found["status"], "bitwise_equal") << found.dump(1);
}

// An explanation that claims to be of a data set crashed the program.
TEST_F(RerunVerb, RecordsThatContradictEachOtherAreRefused) {
    explained();
    Forger forger;
    forger.changeResult = [](Json& body) { body = {{"aggregate", Json::object()}}; };
    const std::string forged = path("forged.db");
    const std::string id = forger.forge(log(), forged);
    const ProgramResult found = result({"rerun", forged, id});
    EXPECT_EQ(found.exitCode, 3) << found.err;
    EXPECT_NE(found.err.find("contradict"), std::string::npos) << found.err;
}

TEST_F(RerunVerb, AnErasedRunCannotBeComputedAgain) {
    const std::string id = explained();
    run({"audit", "erase", log(), id, "--reason", "asked for it"});
    const ProgramResult found = result({"rerun", log(), id});
    EXPECT_EQ(found.exitCode, 7) << found.err;
    EXPECT_NE(found.err.find("erased by record"), std::string::npos) << found.err;
    // A run beside it can.
    EXPECT_EQ(rerun(explained())["status"], "bitwise_equal");
}

TEST_F(RerunVerb, ATamperedOrTruncatedLogIsRefused) {
    const std::string id = explained();
    const std::string whole = textOf(log());
    explained();
    std::ofstream(log(), std::ios::binary) << whole;
    const Json cut = rerun(id, {}, 6);
    EXPECT_EQ(cut["status"], "truncated");
    replaceInFile(log(), "\"scheme\":\"none\"", "\"scheme\":\"nine\"");
    const Json found = rerun(id, {}, 5);
    EXPECT_EQ(found["status"], "tampered");
    EXPECT_EQ(found["results"], Json::array());
    EXPECT_TRUE(found["record"].is_null());
    expectRefused(id, 5, "Nothing was computed");
}

TEST_F(RerunVerb, TheLogIsHeldAgainstWhatTheAuditorHolds) {
    const std::string id = explained();
    run({"audit", "checkpoint", log(), "--out", path("held.txt")});
    run({"audit", "key", log(), "--out", path("key.txt")});
    const std::vector<std::string> trust = {"--checkpoint", path("held.txt"), "--pubkey",
                                            path("key.txt")};
    EXPECT_EQ(rerun(id, trust)["status"], "bitwise_equal");
    run({"audit", "init", path("other.db")});
    run({"audit", "key", path("other.db"), "--out", path("key.txt")});
    EXPECT_EQ(rerun(id, trust, 5)["status"], "tampered");
}

TEST_F(RerunVerb, BadArgumentsAreRefused) {
    const std::string id = explained();
    expectRefused("0123456789abcdef", 2, "no finished explanation or comparison");
    EXPECT_EQ(result({"rerun", log()}).exitCode, 2);
    EXPECT_EQ(result({"rerun", log(), id, "--threads", "-1"}).exitCode, 2);
    EXPECT_EQ(result({"rerun", log(), id, "--batch", "0"}).exitCode, 2);
    EXPECT_EQ(result({"rerun", log(), id, "--no-record", "--log", path("b.db")}).exitCode, 2);
    EXPECT_EQ(result({"rerun", path("absent.db"), id}).exitCode, 3);
    EXPECT_EQ(result({"rerun", "README.md", id}).exitCode, 3);
}

// ---- reports on record

TEST_F(RerunVerb, EveryReportIsOnRecordWithItsDigest) {
    const std::string id = logged({"compare", kBert, kBert + "@int4", "--prompt", kPrompt,
                                   "--method", "occlusion", "--report", path("first.html")});
    const std::string printed = run({"report", log(), id, "--json"});
    run({"report", log(), "--out", path("second.json")});
    const std::vector<AuditRecord> records = AuditLog::openForReading(log())->records();
    const auto expectExport = [&](std::size_t fromEnd, const std::string& format,
                                  const std::string& file, const std::string& text) {
        const AuditRecord& record = records[records.size() - fromEnd];
        EXPECT_EQ(record.type, "exported");
        EXPECT_EQ(record.runId, "");
        EXPECT_EQ(record.body["format"], "driftlens/report/" + format);
        EXPECT_EQ(record.body["file"], file);
        EXPECT_EQ(record.body["sha256"], toHex(sha256(text)));
        EXPECT_EQ(record.body["run"], id);
        EXPECT_EQ(record.body["records"], 3);
        EXPECT_EQ(record.body["checkpoint"]["size"], std::to_string(record.seq - 1));
    };
    expectExport(3, "html", path("first.html"), textOf(path("first.html")));
    expectExport(2, "json", "(standard output)", printed);
    expectExport(1, "json", path("second.json"), textOf(path("second.json")));
    EXPECT_EQ(verifyAuditLog(log()).status, "ok");

    // An erasure names the reports of its run alone.
    const std::string other = explained();
    run({"audit", "erase", log(), other, "--reason", "asked for it"});
    EXPECT_EQ(AuditLog::openForReading(log())->records(other).back().body["exports"],
              Json::array());
    const Json erasure = parseJson(
        run({"audit", "erase", log(), id, "--reason", "asked for it", "--json"}), "erase");
    EXPECT_EQ(erasure["exports_out_of_reach"].size(), 3U);
    EXPECT_EQ(result({"report", log(), id}).exitCode, 7);
}

}  // namespace
}  // namespace driftlens
