#include "tests/engine/audit/audit_fixture.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "engine/audit/merkle.h"
#include "engine/audit/record.h"

#include <sqlite3.h>

#include <array>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <vector>

namespace driftlens {
namespace {

struct Connection {
    explicit Connection(const std::filesystem::path& file) {
        EXPECT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
    }
    ~Connection() { sqlite3_close(handle); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int execute(const std::string& sql) {
        return sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
    }

    std::vector<std::vector<std::string>> rows(const char* sql) {
        std::vector<std::vector<std::string>> found;
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr), SQLITE_OK);
        while (sqlite3_step(statement) == SQLITE_ROW) {
            auto& row = found.emplace_back();
            for (int i = 0; i < sqlite3_column_count(statement); ++i) {
                const auto* text = sqlite3_column_text(statement, i);
                row.emplace_back(text ? reinterpret_cast<const char*>(text) : "");
            }
        }
        sqlite3_finalize(statement);
        return found;
    }

    sqlite3* handle = nullptr;
};

// In memory where there is such a place: what is tested here needs no disk, and a disk that
// synchronises takes most of the time.
std::filesystem::path scratchRoot() {
    const std::filesystem::path memory = "/dev/shm";
    return access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

std::filesystem::path freshFolder() {
    std::string path = (scratchRoot() / "driftlens-audit-XXXXXX").string();
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    return path;
}

}  // namespace

AuditLogFile::AuditLogFile()
    : folder(freshFolder()), file(folder / "audit.db"), runId(writeSmallLog(file)) {}

AuditLogFile::~AuditLogFile() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
}

int AuditLogFile::attack(std::string_view sql) const {
    return Connection(file).execute(std::string(sql));
}

void AuditLogFile::attackWithoutTriggers(std::string_view sql) const {
    Connection connection(file);
    const auto triggers =
        connection.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
    ASSERT_FALSE(triggers.empty());
    for (const auto& trigger : triggers) {
        ASSERT_EQ(connection.execute("DROP TRIGGER " + trigger[0]), SQLITE_OK);
    }
    EXPECT_EQ(connection.execute(std::string(sql)), SQLITE_OK) << sqlite3_errmsg(connection.handle);
    for (const auto& trigger : triggers) {
        ASSERT_EQ(connection.execute(trigger[1]), SQLITE_OK);
    }
}

std::int64_t AuditLogFile::query(std::string_view sql) const {
    const auto rows = Connection(file).rows(std::string(sql).c_str());
    return rows.empty() ? 0 : std::stoll(rows.front().front());
}

void AuditLogFile::expectRefusedForWriting() const {
    try {
        AuditLog::openForWriting(file);
        ADD_FAILURE() << "the log was opened";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Tampered) << error.what();
    }
}

std::string writeSmallLog(const std::filesystem::path& file) {
    const auto log = AuditLog::openForWriting(file);
    const std::array<Payload, 2> input = {
        {{"prompt", "not bad at all"}, {"token_ids", "[5,17,2]"}}};
    const std::string run = log->startRun("compare", Json{{"method", "attention"}}, input);
    const std::array<double, 6> scores = {0.5, -1.25, 3.0, 0.1, 0.0, -0.0};
    const std::array<std::int64_t, 2> shape = {2, 3};
    const BlobReference blob = log->addBlob(scores, shape);
    const std::array<Payload, 1> top = {{{"top", "lamp"}}};
    log->addResult(run, Json{{"variant", "int8"}, {"scores", blobJson(blob)}}, top);
    log->addResult(run, Json{{"variant", "int4"}, {"scores", blobJson(blob)}});
    log->finishRun(run, Json{{"variants", 2}});
    log->failRun(log->startRun("explain", Json::object()), "numeric", "score 3 is not finite");
    log->cancelRun(log->startRun("explain", Json::object()));
    return run;
}

std::string appendForgedRecord(const std::filesystem::path& file, const std::string& runId) {
    const auto log = AuditLog::openForReading(file);
    audit::RecordFields forged = audit::parseRecord(log->records(runId)[0].canonical);
    forged.seq = kSmallLogRecords + 1;
    forged.prev = log->head();
    forged.runId = "feedfacefeedface";
    forged.commitments.clear();
    const std::string rec = audit::canonicalRecord(forged);
    return "INSERT INTO record VALUES(" + std::to_string(forged.seq) + ", '" + forged.type +
           "', '" + forged.runId + "', '" + forged.time + "', x'" + toHex(audit::leafOf(rec)) +
           "', CAST('" + rec + "' AS BLOB))";
}

bool anyFinding(const AuditVerification& verification, std::string_view text) {
    for (const AuditFinding& finding : verification.findings) {
        if (finding.what.find(text) != std::string::npos) return true;
    }
    return false;
}

std::string listed(const AuditVerification& verification) {
    std::string text = verification.status;
    for (const AuditFinding& finding : verification.findings) text += "\n  " + finding.what;
    return text;
}

std::string readBytes(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream bytes;
    bytes << stream.rdbuf();
    return bytes.str();
}

void writeBytes(const std::filesystem::path& file, std::string_view bytes) {
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace driftlens
