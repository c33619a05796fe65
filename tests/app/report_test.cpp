// report: the signed statement of a log, checked by a library of others with the log's public key;
// and runs that have nothing to report.
#include "core/base/digest.h"
#include "reports/writers/in_toto.h"
#include "tests/app/rerun_fixture.h"
#include "tests/support/checkers.h"

namespace driftlens {
namespace {

class ReportVerb : public RerunVerb {
protected:
    // Ends with that code and one line that says why; nothing is written.
    void refuses(const std::vector<std::string>& arguments, int exitCode,
                 const std::string& because) const {
        const ProgramResult found = result(arguments);
        EXPECT_EQ(found.exitCode, exitCode) << found.err;
        EXPECT_EQ(found.out, "");
        EXPECT_NE(found.err.find(because), std::string::npos) << found.err;
        EXPECT_EQ(std::count(found.err.begin(), found.err.end(), '\n'), 1) << found.err;
    }
};

TEST_F(ReportVerb, RefusesARunThatDidNotFinish) {
    std::vector<std::string> ids;
    {
        const auto log = AuditLog::openForWriting(this->log());
        for (int i = 0; i < 3; ++i) ids.push_back(log->startRun("compare", Json::object()));
        log->failRun(ids[0], "numeric", "a score is not finite");
        log->cancelRun(ids[1]);  // the third was cut off
    }
    for (const std::string& id : ids)
        refuses({"report", log(), id, "--out", path("r.html")}, 2, "no finished comparison");
    refuses({"report", log()}, 2, "no finished comparison");
    refuses({"report", log(), "0000000000000000"}, 2, "no finished comparison");
    EXPECT_FALSE(std::filesystem::exists(path("r.html")));
}

TEST_F(ReportVerb, RefusesARunWhoseTextsWereErased) {
    const std::string prompt =
        logged({"compare", kBert, kBert + "@int4", "--prompt", kPrompt, "--method", "occlusion"});
    std::ofstream(path("rows.csv")) << "text\nthe film was good\nthe room was bad\n";
    const std::string data = logged({"compare", kBert, kBert + "@int4", "--data", path("rows.csv"),
                                     "--method", "occlusion", "--yardsticks", "none", "--quiet"});
    for (const std::string& id : {prompt, data}) {
        run({"report", log(), id, "--out", path("before.html")});
        run({"audit", "erase", log(), id, "--reason", "asked for it"});
        refuses({"report", log(), id, "--out", path("after.html")}, 7, "erased");
        refuses({"report", log(), id, "--format", "dsse"}, 7, "erased");
    }
    EXPECT_FALSE(std::filesystem::exists(path("after.html")));
}

// What spreadsheets would run, markup, other directions of writing: in every format of a folder.
TEST_F(ReportVerb, ShowsAnyTextOfAPromptAsText) {
    const std::string hostile =
        "=1+1 <script>alert(1)</script> שלום مرحبا 東京 👩‍🚀 \"quoted\"";
    run({"compare", kBert, kBert + "@int4", "--prompt", hostile, "--method", "occlusion",
         "--report", path("all")});
    EXPECT_EQ(parseJson(textOf(path("all/report.json")), "r")["comparison"]["prompt"], hostile);
    const std::string html = textOf(path("all/report.html"));
    EXPECT_EQ(html.find("<script"), std::string::npos);
    for (const std::string part : {"=1+1 &lt;script&gt;", "שלום", "東京", "👩"})
        EXPECT_NE(html.find(part), std::string::npos) << part;
    for (const auto& each : std::filesystem::directory_iterator(path("all")))
        if (each.path().extension() == ".csv") {
            const std::string table = textOf(each.path());
            for (const std::string cell : {",=", "\n=", ",@", "\n@"})
                EXPECT_EQ(table.find(cell), std::string::npos) << each.path();
        }
}

// By the second verifier, which knows FORMAT.md alone, with the log gone.
TEST_F(ReportVerb, ItsProofsHoldWithoutTheLog) {
    logged({"compare", kBert, kBert + "@int4", "--prompt", kPrompt, "--method", "occlusion"});
    const std::string key = AuditLog::openForReading(log())->publicKey();
    const Json evidence = parseJson(run({"report", log(), "--json"}), "report")["evidence"];
    std::filesystem::remove(log());
    ASSERT_EQ(evidence["proofs"].size(), 3U);
    std::ofstream(path("key")) << key;
    std::ofstream(path("held")) << evidence["checkpoint"].get<std::string>();
    const ScratchFolder scratch;
    const auto verified = [&](const Json& proof) {
        std::ofstream(path("proof.json")) << proof.dump();
        return runProgram(kPython3,
                          {"tests/engine/audit/verify_log.py", "--proof", path("proof.json"),
                           "--checkpoint", path("held"), "--pubkey", path("key")},
                          scratch)
            .exitCode;
    };
    for (const Json& proof : evidence["proofs"]) EXPECT_EQ(verified(proof), 0) << proof.dump(1);
    Json changed = evidence["proofs"][1];
    std::string rec = changed["rec"];
    rec.replace(rec.find("\"kl\":\"") + 6, 1, "9");
    changed["rec"] = rec;
    EXPECT_EQ(verified(changed), 5);
}

TEST_F(ReportVerb, OneChangedDigitOfItsJsonIsCaught) {
    logged({"compare", kBert, kBert + "@int4", "--prompt", kPrompt, "--method", "occlusion"});
    run({"report", log(), "--out", path("r.json")});
    run({"report", log(), "--from", path("r.json"), "--out", path("r.html")});
    std::string bytes = textOf(path("r.json"));
    char& digit = bytes[bytes.find("\"kl\": ") + 6];
    digit = digit == '1' ? '2' : '1';
    std::ofstream(path("changed.json")) << bytes;
    refuses({"report", log(), "--from", path("changed.json"), "--out", path("c.html")}, 5,
            "no record of a report");
    EXPECT_FALSE(std::filesystem::exists(path("c.html")));
    // Without the log it is shown, under another digest than the one on the first page.
    run({"report", "--from", path("changed.json"), "--out", path("c.html")});
    EXPECT_EQ(textOf(path("c.html")).find(toHex(sha256(textOf(path("r.json"))))),
              std::string::npos);
    EXPECT_NE(textOf(path("r.html")).find(toHex(sha256(textOf(path("r.json"))))),
              std::string::npos);
}

// The curves of every model and the randomised weights, from the log as from the run itself; and
// computed again, bit by bit.
TEST_F(ReportVerb, ShowsWhetherExplanationsCanBeTrustedWhereThatWasAsked) {
    const std::string id = logged({"compare", kBert, kBert + "@int4", "--prompt", kPrompt,
                                   "--method", "occlusion", "--metrics=all"});
    const Json found = parseJson(run({"report", log(), id, "--json"}), "report");
    const Json& checks = found["comparison"]["variants"][0]["explanations"][0]["checks"];
    for (const char* side : {"reference", "variant"}) {
        const Json& curves = checks[side];
        ASSERT_EQ(curves["deletion"].size(), 8U);  // none to all of seven words
        ASSERT_EQ(curves["insertion"].size(), 8U);
        // Both begin and end at the whole text and at nothing.
        EXPECT_EQ(curves["deletion"].front(), curves["insertion"].back());
        EXPECT_EQ(curves["deletion"].back(), curves["insertion"].front());
    }
    EXPECT_NE(checks["reference"]["deletion"], checks["variant"]["deletion"]);
    EXPECT_EQ(checks["randomised_weights"].size(), 3U);  // what is behind the blocks, two blocks
    run({"report", log(), id, "--out", path("r.html")});
    for (const std::string part : {"The answer while words are removed, by occlusion",
                                   "Reasons under weights drawn anew", "Bits per weight and zeros"})
        EXPECT_NE(textOf(path("r.html")).find(part), std::string::npos) << part;
    expectEqual(id);
    refuses({"compare", kBert, kBert + "@int4", "--data", path("none.csv"), "--metrics"}, 2,
            "of a data set the yardsticks measure that");
}

TEST_F(ReportVerb, OfADataSetShowsWhatItsVerdictsRestOn) {
    std::ofstream(path("rows.csv")) << "text,label\nthe film was good,positive\nthe room was not "
                                       "bad at all,positive\nthe food was awful,negative\n";
    const std::string id = logged({"compare", kBert, kBert + "@int4", "--data", path("rows.csv"),
                                   "--method", "occlusion", "--quiet"});
    const Json found = parseJson(run({"report", log(), id, "--json"}), "report");
    const Json& checks = found["dataset"]["checks"];
    ASSERT_EQ(checks.size(), 1U);
    EXPECT_EQ(checks[0]["randomised_weights"].size(), 3U);
    ASSERT_EQ(checks[0]["curves"].size(), 2U);
    for (const Json& curves : checks[0]["curves"]) {
        EXPECT_EQ(curves["examples"], 3);
        ASSERT_EQ(curves["deletion"].size(), 11U);
        EXPECT_GT(curves["deletion"].front(), curves["deletion"].back());
    }
    run({"report", log(), id, "--out", path("r.model-index.yaml")});
    EXPECT_NE(textOf(path("r.model-index.yaml")).find("type: text-classification"),
              std::string::npos);
    refuses({"report", log(), "--from", path("none.json"), "--format", "model-index"}, 3, "none");
    expectEqual(id);
}

class SignedReport : public ReportVerb {
protected:
    SignedReport() {
        m_id = logged(
            {"compare", kBert, kBert + "@int4", "--prompt", kPrompt, "--method", "occlusion"});
    }

    // What verifying the envelope with a key says is wrong.
    std::string faults(const std::string& envelope, const std::string& key) const {
        return faultsBy(kPython3, {"tests/reports/checkers/envelope.py", checkersFolder().string(),
                                   envelope, key, path("statement.json")});
    }
    std::string key() const { return AuditLog::openForReading(log())->publicKey(); }

    std::string m_id;
};

TEST_F(SignedReport, VerifiesWithTheLogsKeyAndIsOnRecord) {
    REQUIRE_CHECKER(library, "securesystemslib/dsse.py");
    run({"report", log(), "--out", path("r.dsse.json")});
    EXPECT_EQ(faults(path("r.dsse.json"), key()), "");
    const Json statement = parseJson(textOf(path("statement.json")), "statement");
    EXPECT_EQ(statement["predicate"]["evidence"]["run"], m_id);
    EXPECT_EQ(statement["subject"].size(), 2U);
    EXPECT_EQ(parseJson(textOf(path("r.dsse.json")), "envelope")["signatures"][0]["keyid"], key());
    const AuditRecord record = AuditLog::openForReading(log())->records().back();
    EXPECT_EQ(record.body["format"], "driftlens/report/dsse");
    EXPECT_EQ(record.body["sha256"], toHex(sha256(textOf(path("r.dsse.json")))));
    EXPECT_EQ(verifyAuditLog(log()).status, "ok");
}

TEST_F(SignedReport, OneChangedByteOrAnotherKeyIsCaught) {
    REQUIRE_CHECKER(library, "securesystemslib/dsse.py");
    std::ofstream(path("r.dsse.json")) << run({"report", log(), "--format", "dsse"});
    EXPECT_EQ(faults(path("r.dsse.json"), key()), "");
    // In the middle of the payload, another letter of base64.
    std::string bytes = textOf(path("r.dsse.json"));
    const std::size_t at = bytes.find("\"payload\": \"") + 500;
    bytes[at] = bytes[at] == 'A' ? 'B' : 'A';
    std::ofstream(path("changed.dsse.json")) << bytes;
    EXPECT_NE(faults(path("changed.dsse.json"), key()), "");
    const std::string before = key();
    AuditLog::openForWriting(log())->rotateKey();
    EXPECT_NE(faults(path("r.dsse.json"), key()), "");
    EXPECT_EQ(faults(path("r.dsse.json"), before), "");
}

TEST_F(SignedReport, IsRefusedWhereTheLogDoesNotStandBehindIt) {
    run({"report", log(), "--out", path("r.json")});
    // What a file says is not what the log says.
    refuses({"report", log(), "--from", path("r.json"), "--format", "dsse"}, 2, "leave --from out");
    refuses({"report", log(), "--format", "dsse", "--json"}, 2, "--json");
    // Without a log there is no key: it would be plain JSON under that name.
    refuses(
        {"compare", kBert, kBert + "@int8", "--prompt", kPrompt, "--report", path("x.dsse.json")},
        2, "key of a log");
    std::filesystem::remove(log() + ".key");
    refuses({"report", log(), "--out", path("s.dsse.json")}, 4, "no key");
    EXPECT_FALSE(std::filesystem::exists(path("s.dsse.json")));
}

TEST_F(SignedReport, CompareWritesItWithItsLog) {
    REQUIRE_CHECKER(library, "securesystemslib/dsse.py");
    run({"compare", kBert, kBert + "@int8", "--prompt", kPrompt, "--method", "occlusion", "--log",
         log(), "--report", path("c.dsse.json")});
    EXPECT_EQ(faults(path("c.dsse.json"), key()), "");
    const Json statement = parseJson(textOf(path("statement.json")), "statement");
    EXPECT_EQ(statement["predicate"]["evidence"]["run"],
              AuditLog::openForReading(log())->runs().back().runId);
    EXPECT_EQ(AuditLog::openForReading(log())->records().back().body["format"],
              "driftlens/report/dsse");
}

TEST_F(SignedReport, IsInTheFolderOfEveryFormatOrTheReasonIsSaid) {
    REQUIRE_CHECKER(library, "securesystemslib/dsse.py");
    const auto written = [&](const std::vector<std::string>& arguments, const std::string& folder,
                             const std::string& because) {
        const ProgramResult found = result(arguments);
        EXPECT_EQ(found.exitCode, 0) << found.err;
        EXPECT_EQ(std::count(found.err.begin(), found.err.end(), '\n'), because.empty() ? 0 : 1)
            << found.err;
        EXPECT_NE(found.err.find(because), std::string::npos) << found.err;
        EXPECT_TRUE(std::filesystem::exists(path(folder + "/report.json")));
        EXPECT_EQ(std::filesystem::exists(path(folder + "/report.dsse.json")), because.empty());
    };
    written({"report", log(), "--out", path("own")}, "own", "");
    EXPECT_EQ(faults(path("own/report.dsse.json"), key()), "");
    EXPECT_EQ(parseJson(textOf(path("statement.json")), "statement")["predicate"],
              parseJson(textOf(path("own/report.json")), "report"));
    const std::vector<std::string> compare = {"compare", kBert,      kBert + "@int8", "--prompt",
                                              kPrompt,   "--method", "occlusion"};
    std::vector<std::string> unlogged = compare;
    unlogged.insert(unlogged.end(), {"--report", path("unlogged")});
    written(unlogged, "unlogged", "this run is in none");
    written({"report", log(), "--from", path("own/report.json"), "--out", path("again")}, "again",
            "never a report's JSON");
    std::filesystem::remove(log() + ".key");
    written({"report", log(), "--out", path("keyless")}, "keyless", "no key");
}

}  // namespace
}  // namespace driftlens
