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
    // compare has no signed format: it would write plain JSON under that name.
    refuses(
        {"compare", kBert, kBert + "@int8", "--prompt", kPrompt, "--report", path("x.dsse.json")},
        2, "key of a log");
    std::filesystem::remove(log() + ".key");
    refuses({"report", log(), "--out", path("s.dsse.json")}, 4, "no key");
    EXPECT_FALSE(std::filesystem::exists(path("s.dsse.json")));
}

}  // namespace
}  // namespace driftlens
