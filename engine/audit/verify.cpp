#include "engine/audit/verify.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/checkpoint_check.h"
#include "engine/audit/content_check.h"
#include "engine/audit/database.h"
#include "engine/audit/findings.h"
#include "engine/audit/record.h"
#include "engine/audit/schema.h"
#include "engine/audit/stamped_checkpoint.h"
#include "engine/audit/timestamp.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace driftlens {
namespace {

using namespace audit;

const std::vector<std::string>& limitsOfDetection() {
    static const std::vector<std::string> limits = {
        "what was changed before the oldest checkpoint that you hold, by somebody who controls the "
        "signing key and every checkpoint: keep checkpoints (audit checkpoint) and the public key "
        "(audit key) elsewhere, and give them with --checkpoint and --pubkey",
        "records cut from the end, or an older copy put in place, together with the file of "
        "checkpoints beside the log: only a checkpoint that was kept elsewhere shows it",
        "two copies of the log that went on differently: only auditors who compare checkpoints",
        "runs that were never logged: only started runs without an end are counted",
        "a wrong clock: the order of records is proven, their times are not",
        "that the numbers were computed as claimed: only computing them again (driftlens rerun) "
        "shows that"};
    return limits;
}

// One pass over one snapshot of a log. Holds of each run only whether it is open.
class Verifier {
public:
    Verifier(Database& database, const AuditTrust& trust, CheckpointCheck& checkpoints,
             Findings& findings)
        : m_database(database),
          m_trust(trust),
          m_checkpoints(checkpoints),
          m_content(database, findings),
          m_findings(findings) {}

    void run();

private:
    bool isLog();
    void checkHeader();
    void checkPages();
    void checkSchema();
    void checkRecords();
    void checkRecord(const Statement& row);
    void checkGap(std::int64_t seq);
    void checkColumns(const Statement& row, const RecordFields& fields);
    void checkLink(const RecordFields& fields, std::int64_t seq);
    void checkGenesis(const RecordFields& genesis);
    void checkRun(const RecordFields& fields, std::int64_t seq);
    void checkRerun(const RecordFields& fields, std::int64_t seq);
    void checkTimestamps();
    void checkTimestamp(const RecordFields& fields);

    Database& m_database;
    const AuditTrust& m_trust;
    CheckpointCheck& m_checkpoints;
    ContentCheck m_content;
    Findings& m_findings;
    std::int64_t m_application = 0;
    std::int64_t m_version = 0;
    std::string m_logId;
    std::int64_t m_lastSeq = 0;
    Sha256 m_lastLeaf{};
    std::string m_latest;  // time of a record so far
    std::set<std::string> m_openRuns;
};

void Verifier::run() {
    Transaction snapshot(m_database, Transaction::Mode::Read);
    m_application = m_database.integer("PRAGMA application_id");
    m_version = m_database.integer("PRAGMA user_version");
    AuditVerification& result = m_findings.result();
    if (!isLog()) {
        result.status = "unreadable";
        return;
    }
    const auto guarded = [this](const char* part, const std::function<void()>& check) {
        m_findings.guarded(part, check);
    };
    guarded("the header", [this] { checkHeader(); });
    guarded("the pages", [this] { checkPages(); });
    guarded("the schema", [this] { checkSchema(); });
    guarded("the file of checkpoints", [this] {
        m_checkpoints.readBeside(
            m_database.integer("SELECT coalesce(max(seq), 0) FROM record NOT INDEXED"));
    });
    guarded("the timestamps", [this] { checkTimestamps(); });
    guarded("the records", [this] { checkRecords(); });
    guarded("the checkpoints", [this] { m_checkpoints.finish(); });
    guarded("the blobs", [this] { m_content.checkBlobs(); });
    guarded("what no record refers to", [this] { m_content.checkOrphans(); });
    m_content.finish();
    result.unmatchedStarts = static_cast<std::int64_t>(m_openRuns.size());
    result.head = m_lastSeq > 0 ? toHex(m_lastLeaf) : std::string();
    result.status = m_findings.status();
}

// A changed number in the header alone does not make a log another program's database.
bool Verifier::isLog() {
    if (m_database.integer("PRAGMA page_count") == 0) {
        m_findings.result().findings.push_back({std::nullopt, "the file is empty"});
        return false;
    }
    if (m_application != kApplicationId) {
        const auto tables = m_database.integer(
            "SELECT count(*) FROM sqlite_schema WHERE name IN ('record', 'payload', 'blob')");
        if (tables == 3) return true;
        m_findings.result().findings.push_back(
            {std::nullopt,
             "it is another program's database (id " + std::to_string(m_application) + ")"});
        return false;
    }
    if (m_version > kSchemaVersion && !schemaDifferences(schemaOf(m_database)).empty()) {
        m_findings.result().findings.push_back(
            {std::nullopt, "schema version " + std::to_string(m_version) +
                               " is newer than this program: verify it "
                               "with the program that wrote it"});
        return false;
    }
    return true;
}

void Verifier::checkHeader() {
    if (m_application != kApplicationId) {
        m_findings.tampered(std::nullopt, "application id is " + std::to_string(m_application) +
                                              " instead of " + std::to_string(kApplicationId));
    }
    if (m_version != kSchemaVersion) {
        m_findings.tampered(std::nullopt, "user_version is " + std::to_string(m_version) +
                                              " instead of " + std::to_string(kSchemaVersion));
    }
    if (m_database.text("PRAGMA journal_mode") == "wal") {
        m_findings.tampered(
            std::nullopt, "the file was switched to a write-ahead log, which Driftlens never does");
    }
}

void Verifier::checkPages() {
    Statement rows(m_database, "PRAGMA integrity_check(20)");
    while (rows.step()) {
        if (rows.text(0) != "ok") {
            m_findings.tampered(std::nullopt,
                                "SQLite's integrity check: " + inQuotes(rows.text(0), 200));
        }
    }
}

void Verifier::checkSchema() {
    for (std::string& difference : schemaDifferences(schemaOf(m_database))) {
        m_findings.tampered(std::nullopt, std::move(difference));
    }
}

void Verifier::checkRecords() {
    // By row id: an index is derived and must not decide which records are seen.
    Statement rows(m_database,
                   "SELECT seq, record_type, run_id, time_utc, leaf, rec "
                   "FROM record NOT INDEXED ORDER BY seq");
    while (rows.step()) checkRecord(rows);
    if (m_lastSeq == 0) m_findings.tampered(1, "there is no record");
}

void Verifier::checkRecord(const Statement& row) {
    const std::int64_t seq = row.integer(0);
    ++m_findings.result().records;
    checkGap(seq);
    const Sha256 leaf = leafOf(row.blob(5));
    if (row.blob(4) != bytesOf(leaf)) {
        m_findings.tampered(
            seq, "the bytes of record " + std::to_string(seq) + " do not hash to its leaf");
    }
    bool isAdded = false;
    try {
        const RecordFields fields = parseRecord(row.blob(5));
        checkLink(fields, seq);
        checkColumns(row, fields);
        if (seq == 1) checkGenesis(fields);
        checkRun(fields, seq);
        if (fields.type == kSignedLate) ++m_findings.result().signedLate;
        if (fields.time < m_latest) ++m_findings.result().clockSetBack;
        m_latest = std::max(m_latest, fields.time);
        isAdded = true;
        m_checkpoints.add(&fields, leaf);
        m_content.add(fields, seq);
    } catch (const Error& error) {
        m_findings.tampered(seq, "record " + std::to_string(seq) + ": " + error.what());
    }
    if (!isAdded) m_checkpoints.add(nullptr, leaf);
    m_lastSeq = seq;
    m_lastLeaf = leaf;
}

void Verifier::checkGap(std::int64_t seq) {
    if (seq == m_lastSeq + 1) return;
    const std::string first = std::to_string(m_lastSeq + 1);
    m_findings.tampered(m_lastSeq + 1, seq == m_lastSeq + 2
                                           ? "record " + first + " is missing"
                                           : "records " + first + " to " + std::to_string(seq - 1) +
                                                 " are missing");
}

void Verifier::checkLink(const RecordFields& fields, std::int64_t seq) {
    if (fields.seq != seq) {
        m_findings.tampered(seq, "record " + std::to_string(fields.seq) + " stands at place " +
                                     std::to_string(seq));
    }
    if (fields.prev != m_lastLeaf) {
        // Which of the two was changed is not decidable; the earlier one is where trust ends.
        m_findings.tampered(std::max<std::int64_t>(1, seq - 1),
                            "record " + std::to_string(seq) +
                                " does not link to the record before it: one was "
                                "changed, inserted, removed or moved");
    }
    if (m_lastSeq == 0) m_logId = fields.logId;
    if (fields.logId != m_logId) {
        m_findings.tampered(seq, "record " + std::to_string(seq) + " belongs to another log, " +
                                     inQuotes(fields.logId));
    }
}

void Verifier::checkColumns(const Statement& row, const RecordFields& fields) {
    const std::pair<const char*, bool> columns[] = {{"record_type", row.text(1) == fields.type},
                                                    {"run_id", row.text(2) == fields.runId},
                                                    {"time_utc", row.text(3) == fields.time}};
    for (const auto& [column, equal] : columns) {
        if (!equal) {
            m_findings.tampered(row.integer(0), "column " + std::string(column) + " of record " +
                                                    std::to_string(row.integer(0)) +
                                                    " differs from the record's bytes");
        }
    }
}

void Verifier::checkGenesis(const RecordFields& genesis) {
    const Json expected = {{"application_id", kApplicationId},
                           {"schema_version", kSchemaVersion},
                           {"schema_sha256", toHex(schemaDigest(expectedSchema()))}};
    for (const auto& [key, value] : expected.items()) {
        const auto found = genesis.body.find(key);
        if (found == genesis.body.end() || *found != value) {
            m_findings.tampered(1, "the genesis record's " + key + " is not this program's");
        }
    }
}

void Verifier::checkRun(const RecordFields& fields, std::int64_t seq) {
    if ((fields.type == kGenesis) != (seq == 1)) {
        m_findings.tampered(seq, "record " + std::to_string(seq) + " is of type " +
                                     inQuotes(fields.type) +
                                     "; the first one, and it alone, is the genesis record");
    }
    if (fields.type == kRunStarted) {
        Statement earlier(m_database, "SELECT min(seq) FROM record WHERE run_id = ?1");
        earlier.bindText(1, fields.runId);
        if (earlier.step() && earlier.integer(0) < seq) {
            m_findings.tampered(seq, "run " + inQuotes(fields.runId) + " starts twice");
        }
        m_openRuns.insert(fields.runId);
        return;
    }
    if (fields.type == kRerun) checkRerun(fields, seq);
    if (!endsRun(fields.type) && fields.type != kExampleResult) return;
    if (!m_openRuns.contains(fields.runId)) {
        m_findings.tampered(seq, "record " + std::to_string(seq) + ", " + inQuotes(fields.type) +
                                     ", belongs to run " + inQuotes(fields.runId) +
                                     ", which is not open");
    }
    if (endsRun(fields.type)) m_openRuns.erase(fields.runId);
}

// Before the records, which are then compared with the checkpoints that were stamped.
void Verifier::checkTimestamps() {
    Statement rows(m_database,
                   "SELECT seq, rec FROM record WHERE run_id = '' AND record_type = 'timestamped' "
                   "ORDER BY seq");
    while (rows.step()) {
        try {
            checkTimestamp(parseRecord(rows.blob(1)));
        } catch (const Error& error) {
            m_findings.tampered(rows.integer(0),
                                "record " + std::to_string(rows.integer(0)) + ": " + error.what());
        }
    }
}

void Verifier::checkTimestamp(const RecordFields& fields) {
    const StampedCheckpoint stamped = stampedCheckpointIn(fields);
    if (m_trust.certificateFile)
        verifyTimestamp(stamped.token, stamped.note.note, *m_trust.certificateFile);
    m_findings.result().timestamps.push_back({fields.seq, stamped.note.checkpoint.size,
                                              stamped.time, stamped.authority,
                                              m_trust.certificateFile.has_value()});
    m_checkpoints.addStamped(stamped.note);
}

// Only what is finished can have been computed again.
void Verifier::checkRerun(const RecordFields& fields, std::int64_t seq) {
    if (fields.runId.empty()) return;  // of another log's run
    Statement finished(m_database,
                       "SELECT 1 FROM record WHERE run_id = ?1 AND record_type = 'run_finished' "
                       "AND seq < ?2");
    if (finished.bindText(1, fields.runId).bind(2, seq).step()) return;
    m_findings.tampered(seq, "record " + std::to_string(seq) + " is a rerun of run " +
                                 inQuotes(fields.runId) + ", which had not finished");
}

}  // namespace

int exitCodeOf(std::string_view status) {
    // Outcomes of a verification alone; the others are those of error kinds.
    constexpr int kExitTruncated = 6;
    constexpr int kExitUnsigned = 10;
    const std::pair<std::string_view, int> codes[] = {
        {"ok", kExitFine},
        {"tampered", exitCode(ErrorKind::Tampered)},
        {"truncated", kExitTruncated},
        {"unsigned", kExitUnsigned},
        {"erased", exitCode(ErrorKind::Erased)},
        {"unreadable", exitCode(ErrorKind::InputFile)}};
    for (const auto& [name, code] : codes) {
        if (name == status) return code;
    }
    return exitCode(ErrorKind::Internal);
}

AuditVerification verifyAuditLog(const std::filesystem::path& file, const AuditTrust& trust) {
    AuditVerification result;
    result.cannotDetect = limitsOfDetection();
    Findings findings(result);
    CheckpointCheck checkpoints(file, trust, findings);
    try {
        Database database = Database::openReadOnly(file);
        Verifier(database, trust, checkpoints, findings).run();
    } catch (const Error& error) {
        // Before anything of the log was read: damaged pages are tampering, the rest is no log.
        result.status = error.kind() == ErrorKind::Tampered ? "tampered" : "unreadable";
        result.findings.push_back({std::nullopt, error.what()});
    }
    return result;
}

}  // namespace driftlens
