// report: the signed statement of a log, checked by a library of others with the log's public key.
#include "core/base/digest.h"
#include "reports/writers/in_toto.h"
#include "tests/app/rerun_fixture.h"
#include "tests/support/checkers.h"

namespace driftlens {
namespace {

class SignedReport : public RerunVerb {
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
    const auto refuses = [&](const std::vector<std::string>& arguments, int exitCode,
                             const std::string& because) {
        const ProgramResult found = result(arguments);
        EXPECT_EQ(found.exitCode, exitCode) << found.err;
        EXPECT_NE(found.err.find(because), std::string::npos) << found.err;
        EXPECT_EQ(std::count(found.err.begin(), found.err.end(), '\n'), 1) << found.err;
    };
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
