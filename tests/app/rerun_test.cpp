// rerun: what is on record comes out again to the last bit, and what does not is said. Test 20 of
// reference/audit-and-reports.md, 3.7.
#include "core/base/json.h"
#include "engine/audit/log.h"
#include "engine/audit/record.h"
#include "tests/support/fixtures.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

const std::string kBert = "samples/sentiment-bert-mini";
const std::string kLlama = "samples/retrieval-llama-mini";
const std::string kPrompt = "The film was not bad at all";
constexpr auto kLog = "audit.db";

class RerunVerb : public ::testing::Test {
protected:
    ProgramResult result(const std::vector<std::string>& arguments) const {
        return runProgram(DRIFTLENS_PROGRAM, arguments, m_scratch);
    }
    std::string run(const std::vector<std::string>& arguments) const {
        const ProgramResult found = result(arguments);
        EXPECT_EQ(found.exitCode, 0) << arguments.front() << ": " << found.err;
        return found.out;
    }
    // Logs a run; returns its id.
    std::string logged(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--log", log(), "--threads", "1"});
        run(arguments);
        return AuditLog::openForReading(log())->runs().back().runId;
    }
    std::string explained(const std::string& model = kBert) const {
        return logged({"explain", model, "--prompt", kPrompt, "--method", "occlusion"});
    }
    Json rerun(const std::string& id, std::vector<std::string> more = {}, int exitCode = 0) const {
        more.insert(more.begin(), {"rerun", log(), id, "--json"});
        const ProgramResult found = result(more);
        EXPECT_EQ(found.exitCode, exitCode) << found.err << found.out;
        Json out = parseJson(found.out, "rerun");
        EXPECT_EQ(out["schema"], "driftlens/rerun/1");
        return out;
    }
    // Every result of the run comes out again, and that is on record.
    Json expectEqual(const std::string& id) const {
        const std::int64_t before = records();
        Json found = rerun(id);
        EXPECT_EQ(found["status"], "bitwise_equal") << found.dump(1);
        EXPECT_EQ(found["largest_difference"], 0.0);
        for (const Json& each : found["results"]) {
            EXPECT_EQ(each["verdict"], "bitwise_equal");
            EXPECT_GT(each["numbers"], 0);
        }
        EXPECT_EQ(found["environment_differences"], Json::array());
        EXPECT_EQ(found["record"], before + 1);
        EXPECT_EQ(verifyAuditLog(log()).status, "ok");
        return found;
    }
    void expectRefused(const std::string& id, int exitCode, const std::string& because) const {
        const std::int64_t before = records();
        const ProgramResult found = result({"rerun", log(), id});
        EXPECT_EQ(found.exitCode, exitCode) << found.err;
        EXPECT_NE((found.out + found.err).find(because), std::string::npos)
            << found.out << found.err;
        EXPECT_EQ(records(), before);
    }
    std::int64_t records() const { return verifyAuditLog(log()).records; }
    std::string log() const { return m_scratch / kLog; }
    std::string path(const std::string& name) const { return m_scratch / name; }
    std::string copyOfSample() const {
        fs::copy(kBert, path("model"));
        return path("model");
    }

private:
    ScratchFolder m_scratch;
};

void changeByte(const std::string& file, std::size_t fromEnd) {
    std::string bytes = textOf(file);
    bytes[bytes.size() - fromEnd] = static_cast<char>(bytes[bytes.size() - fromEnd] ^ 1);
    std::ofstream(file, std::ios::binary) << bytes;
}

void replaceInFile(const std::string& file, const std::string& from, const std::string& to) {
    std::string bytes = textOf(file);
    const std::size_t at = bytes.find(from);
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at, from.size(), to);
    std::ofstream(file, std::ios::binary) << bytes;
}

// Somebody with a key of their own who writes the run anew, with a lie in it: the log verifies.
class Forger {
public:
    std::function<void(Json& start)> changeStart = [](Json&) {};
    std::function<void(Json& body)> changeResult = [](Json&) {};
    bool keepsExamples = true;  // the payloads of results
    // key of the blob, and its values
    std::function<void(const std::string& key, std::vector<double>&)> changeBlob =
        [](const std::string&, std::vector<double>&) {};

    std::string forge(const std::string& genuine, const std::string& forged) {
        m_from = AuditLog::openForReading(genuine);
        m_to = AuditLog::openForWriting(forged);
        std::string id;
        for (const AuditRecord& record : m_from->records(m_from->runs().back().runId)) {
            Json body = record.body;
            const std::vector<Payload> payloads = payloadsOf(record);
            if (record.type == audit::kRunStarted) {
                changeStart(body);
                id = m_to->startRun(record.meta["verb"].get<std::string>(), body, payloads);
            } else if (record.type == audit::kExampleResult) {
                copyBlobs(body, "");
                changeResult(body);
                m_to->addResult(id, body, keepsExamples ? payloads : std::vector<Payload>{});
            } else {
                m_to->finishRun(id, body);
            }
        }
        return id;
    }

private:
    std::vector<Payload> payloadsOf(const AuditRecord& record) const {
        std::vector<Payload> out;
        for (const auto& [name, commitment] : audit::parseRecord(record.canonical).commitments)
            out.push_back({name, m_from->payload(record.seq, name).value()});
        return out;
    }

    void copyBlobs(Json& value, const std::string& key) {
        if (value.is_object() && value.contains("blob_commitment")) {
            const auto bytes = fromHex(value["blob_commitment"].get<std::string>());
            Sha256 digest{};
            std::copy(bytes.begin(), bytes.end(), digest.begin());
            std::vector<double> values = m_from->blob(digest);
            changeBlob(key, values);
            value =
                blobJson(m_to->addBlob(values, value["shape"].get<std::vector<std::int64_t>>()));
        } else if (value.is_object()) {
            for (auto& [name, member] : value.items()) copyBlobs(member, name);
        } else if (value.is_array()) {
            for (Json& member : value) copyBlobs(member, key);
        }
    }

    std::unique_ptr<AuditLog> m_from, m_to;
};

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

TEST_F(RerunVerb, AComparisonComesOutBitwiseEqual) {
    const Json found = expectEqual(
        logged({"compare", kBert, kBert + "@int4:group=32",
                kBert + "@prune_magnitude:sparsity=0.5+int8", "--prompt", kPrompt, "--method",
                "integrated_gradients:nodes=20", "--method", "occlusion", "--target", "margin"}));
    EXPECT_EQ(found["verb"], "compare");
    EXPECT_EQ(found["results"].size(), 6U);  // two methods and the answer, of two variants
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
