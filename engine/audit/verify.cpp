#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/blob.h"
#include "engine/audit/database.h"
#include "engine/audit/log.h"
#include "engine/audit/record.h"
#include "engine/audit/schema.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace driftlens {
namespace {

using namespace audit;

// A hostile file shall not fill the memory with complaints.
constexpr std::size_t kMaxFindings = 1000;

const std::vector<std::string>& limitsOfDetection() {
    static const std::vector<std::string> limits = {
        "records deleted from the end: compare the head with one that was kept outside the log",
        "an older copy of the whole file put in its place: compare with a head kept outside",
        "the whole chain written anew with other contents: the records carry no signature",
        "runs that were never logged: only started runs without an end are counted",
        "a wrong clock: the order of records is proven, their times are not",
        "that the numbers were computed as claimed: only computing them again shows that"};
    return limits;
}

// One pass over one snapshot of a log. Holds of each run only whether it is open.
class Verifier {
public:
    Verifier(Database& database, AuditVerification& result)
        : m_database(database), m_result(result) {}

    void run();

private:
    void add(std::optional<std::int64_t> record, std::string what);
    void guarded(std::string_view part, const std::function<void()>& check);

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
    void checkPayloads(const RecordFields& fields, std::int64_t seq);
    void checkReferences(const RecordFields& fields, std::int64_t seq);
    void checkBlobs();
    void checkOrphans();

    Database& m_database;
    AuditVerification& m_result;
    std::int64_t m_application = 0;
    std::int64_t m_version = 0;
    std::string m_logId;
    std::int64_t m_lastSeq = 0;
    Sha256 m_lastLeaf{};
    std::set<std::string> m_openRuns;
};

void Verifier::run() {
    Transaction snapshot(m_database, Transaction::Mode::Read);
    m_application = m_database.integer("PRAGMA application_id");
    m_version = m_database.integer("PRAGMA user_version");
    if (!isLog()) {
        m_result.status = "unreadable";
        return;
    }
    m_result.status = "ok";
    guarded("the header", [this] { checkHeader(); });
    guarded("the pages", [this] { checkPages(); });
    guarded("the schema", [this] { checkSchema(); });
    guarded("the records", [this] { checkRecords(); });
    guarded("the blobs", [this] { checkBlobs(); });
    guarded("what no record refers to", [this] { checkOrphans(); });
    m_result.unmatchedStarts = static_cast<std::int64_t>(m_openRuns.size());
    m_result.head = m_lastSeq > 0 ? toHex(m_lastLeaf) : std::string();
}

void Verifier::add(std::optional<std::int64_t> record, std::string what) {
    m_result.status = "tampered";
    if (record && (!m_result.firstBadRecord || *record < *m_result.firstBadRecord)) {
        m_result.firstBadRecord = record;
    }
    if (m_result.findings.size() < kMaxFindings) {
        m_result.findings.push_back({record, std::move(what)});
    } else if (m_result.findings.size() == kMaxFindings) {
        m_result.findings.push_back({std::nullopt, "there are more findings, not listed"});
    }
}

// A part that cannot be read is a finding; the other parts are still checked.
void Verifier::guarded(std::string_view part, const std::function<void()>& check) {
    try {
        check();
    } catch (const Error& error) {
        add(std::nullopt, std::string(part) + " cannot be read: " + error.what());
    }
}

// A changed number in the header alone does not make a log another program's database.
bool Verifier::isLog() {
    if (m_database.integer("PRAGMA page_count") == 0) {
        m_result.findings.push_back({std::nullopt, "the file is empty"});
        return false;
    }
    if (m_application != kApplicationId) {
        const auto tables = m_database.integer(
            "SELECT count(*) FROM sqlite_schema WHERE name IN ('record', 'payload', 'blob')");
        if (tables == 3) return true;
        m_result.findings.push_back({std::nullopt, "it is another program's database (id " +
                                                       std::to_string(m_application) + ")"});
        return false;
    }
    if (m_version > kSchemaVersion && !schemaDifferences(schemaOf(m_database)).empty()) {
        m_result.findings.push_back({std::nullopt, "schema version " + std::to_string(m_version) +
                                                       " is newer than this program: verify it "
                                                       "with the program that wrote it"});
        return false;
    }
    return true;
}

void Verifier::checkHeader() {
    if (m_application != kApplicationId) {
        add(std::nullopt, "application id is " + std::to_string(m_application) + " instead of " +
                              std::to_string(kApplicationId));
    }
    if (m_version != kSchemaVersion) {
        add(std::nullopt, "user_version is " + std::to_string(m_version) + " instead of " +
                              std::to_string(kSchemaVersion));
    }
    if (m_database.text("PRAGMA journal_mode") == "wal") {
        add(std::nullopt, "the file was switched to a write-ahead log, which Driftlens never does");
    }
}

void Verifier::checkPages() {
    Statement rows(m_database, "PRAGMA integrity_check(20)");
    while (rows.step()) {
        if (rows.text(0) != "ok") {
            add(std::nullopt, "SQLite's integrity check: " + inQuotes(rows.text(0), 200));
        }
    }
}

void Verifier::checkSchema() {
    for (std::string& difference : schemaDifferences(schemaOf(m_database))) {
        add(std::nullopt, std::move(difference));
    }
}

void Verifier::checkRecords() {
    // By row id: an index is derived and must not decide which records are seen.
    Statement rows(m_database,
                   "SELECT seq, record_type, run_id, time_utc, leaf, rec "
                   "FROM record NOT INDEXED ORDER BY seq");
    while (rows.step()) checkRecord(rows);
    if (m_lastSeq == 0) add(1, "there is no record");
}

void Verifier::checkRecord(const Statement& row) {
    const std::int64_t seq = row.integer(0);
    ++m_result.records;
    checkGap(seq);
    const Sha256 leaf = leafOf(row.blob(5));
    if (row.blob(4) != bytesOf(leaf)) {
        add(seq, "the bytes of record " + std::to_string(seq) + " do not hash to its leaf");
    }
    try {
        const RecordFields fields = parseRecord(row.blob(5));
        checkLink(fields, seq);
        checkColumns(row, fields);
        if (seq == 1) checkGenesis(fields);
        checkRun(fields, seq);
        checkPayloads(fields, seq);
        checkReferences(fields, seq);
    } catch (const Error& error) {
        add(seq, "record " + std::to_string(seq) + ": " + error.what());
    }
    m_lastSeq = seq;
    m_lastLeaf = leaf;
}

void Verifier::checkGap(std::int64_t seq) {
    if (seq == m_lastSeq + 1) return;
    const std::string first = std::to_string(m_lastSeq + 1);
    add(m_lastSeq + 1, seq == m_lastSeq + 2 ? "record " + first + " is missing"
                                            : "records " + first + " to " +
                                                  std::to_string(seq - 1) + " are missing");
}

void Verifier::checkLink(const RecordFields& fields, std::int64_t seq) {
    if (fields.seq != seq) {
        add(seq,
            "record " + std::to_string(fields.seq) + " stands at place " + std::to_string(seq));
    }
    if (fields.prev != m_lastLeaf) {
        // Which of the two was changed is not decidable; the earlier one is where trust ends.
        add(std::max<std::int64_t>(1, seq - 1),
            "record " + std::to_string(seq) +
                " does not link to the record before it: one was "
                "changed, inserted, removed or moved");
    }
    if (m_lastSeq == 0) m_logId = fields.logId;
    if (fields.logId != m_logId) {
        add(seq,
            "record " + std::to_string(seq) + " belongs to another log, " + inQuotes(fields.logId));
    }
}

void Verifier::checkColumns(const Statement& row, const RecordFields& fields) {
    const std::pair<const char*, bool> columns[] = {{"record_type", row.text(1) == fields.type},
                                                    {"run_id", row.text(2) == fields.runId},
                                                    {"time_utc", row.text(3) == fields.time}};
    for (const auto& [column, equal] : columns) {
        if (!equal) {
            add(row.integer(0), "column " + std::string(column) + " of record " +
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
            add(1, "the genesis record's " + key + " is not this program's");
        }
    }
}

void Verifier::checkRun(const RecordFields& fields, std::int64_t seq) {
    if ((fields.type == kGenesis) != (seq == 1)) {
        add(seq, "record " + std::to_string(seq) + " is of type " + inQuotes(fields.type) +
                     "; the first one, and it alone, is the genesis record");
    }
    if (fields.type == kRunStarted) {
        Statement earlier(m_database, "SELECT min(seq) FROM record WHERE run_id = ?1");
        earlier.bindText(1, fields.runId);
        if (earlier.step() && earlier.integer(0) < seq) {
            add(seq, "run " + inQuotes(fields.runId) + " starts twice");
        }
        m_openRuns.insert(fields.runId);
        return;
    }
    if (!endsRun(fields.type) && fields.type != kExampleResult) return;
    if (!m_openRuns.contains(fields.runId)) {
        add(seq, "record " + std::to_string(seq) + ", " + inQuotes(fields.type) +
                     ", belongs to run " + inQuotes(fields.runId) + ", which is not open");
    }
    if (endsRun(fields.type)) m_openRuns.erase(fields.runId);
}

void Verifier::checkPayloads(const RecordFields& fields, std::int64_t seq) {
    std::map<std::string, Sha256> missing = fields.commitments;
    Statement rows(m_database, "SELECT name, salt, bytes FROM payload WHERE seq = ?1");
    rows.bind(1, seq);
    while (rows.step()) {
        const std::string name(rows.text(0));
        const auto committed = missing.find(name);
        if (committed == missing.end()) {
            add(seq, "payload " + inQuotes(name) + " of record " + std::to_string(seq) +
                         " is none that the record commits to");
            continue;
        }
        if (committed->second != commitmentOf(rows.blob(1), rows.blob(2))) {
            add(seq,
                "payload " + inQuotes(name) + " of record " + std::to_string(seq) + " was changed");
        }
        missing.erase(committed);
    }
    for (const auto& [name, commitment] : missing) {
        add(seq, "payload " + inQuotes(name) + " of record " + std::to_string(seq) + " is missing");
    }
}

void Verifier::checkReferences(const RecordFields& fields, std::int64_t seq) {
    if (fields.blobs != blobsIn(fields.body)) {
        add(seq, "the list of blobs of record " + std::to_string(seq) + " differs from its body");
    }
    std::set<Sha256> missing(fields.blobs.begin(), fields.blobs.end());
    Statement rows(m_database,
                   "SELECT commitment, salt, digest FROM blob_reference WHERE seq = ?1");
    rows.bind(1, seq);
    while (rows.step()) {
        const Sha256 commitment = digestFrom(rows.blob(0));
        if (missing.erase(commitment) == 0) {
            add(seq, "a blob reference of record " + std::to_string(seq) +
                         " is none that the record names");
        } else if (commitment != commitmentOf(rows.blob(1), rows.blob(2))) {
            add(seq, "blob " + toHex(commitment) + " of record " + std::to_string(seq) +
                         " was exchanged");
        }
    }
    for (const Sha256& commitment : missing) {
        add(seq, "blob " + toHex(commitment) + " of record " + std::to_string(seq) + " is missing");
    }
}

void Verifier::checkBlobs() {
    Statement rows(m_database, "SELECT digest, dtype, shape, bytes FROM blob NOT INDEXED");
    Statement user(m_database, "SELECT min(seq) FROM blob_reference WHERE digest = ?1");
    while (rows.step()) {
        const Sha256 digest = blobDigest(rows.text(1), rows.text(2), rows.blob(3));
        user.reset();
        user.bindBlob(1, rows.blob(0));
        const std::int64_t seq = user.step() ? user.integer(0) : 0;
        const auto record = seq > 0 ? std::optional(seq) : std::nullopt;
        if (rows.blob(0) != bytesOf(digest)) add(record, "the bytes of a blob were changed");
        if (!record) add(record, "a blob is there that no record refers to");
    }
}

void Verifier::checkOrphans() {
    Statement references(m_database,
                         "SELECT seq FROM blob_reference WHERE digest NOT IN "
                         "(SELECT digest FROM blob) ORDER BY seq");
    while (references.step()) {
        add(references.integer(0), "the blob of a reference of record " +
                                       std::to_string(references.integer(0)) + " is missing");
    }
    for (const char* table : {"payload", "blob_reference"}) {
        Statement rows(m_database, std::string("SELECT seq FROM ") + table +
                                       " WHERE seq NOT IN (SELECT seq FROM record) ORDER BY seq");
        while (rows.step()) {
            add(rows.integer(0), "a row of table " + std::string(table) + " belongs to record " +
                                     std::to_string(rows.integer(0)) + ", which is not there");
        }
    }
}

}  // namespace

AuditVerification verifyAuditLog(const std::filesystem::path& file) {
    AuditVerification result;
    result.cannotDetect = limitsOfDetection();
    try {
        Database database = Database::openReadOnly(file);
        Verifier(database, result).run();
    } catch (const Error& error) {
        // Before anything of the log was read: damaged pages are tampering, the rest is no log.
        result.status = error.kind() == ErrorKind::Tampered ? "tampered" : "unreadable";
        result.findings.push_back({std::nullopt, error.what()});
    }
    return result;
}

}  // namespace driftlens
