#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/log.h"
#include "engine/audit/log_state.h"
#include "engine/audit/schema.h"

#include <algorithm>
#include <map>
#include <utility>

namespace driftlens {
namespace audit {
namespace {

constexpr std::string_view kAdvice = "; run audit verify";

RecordFields parsed(std::string_view rec, std::int64_t seq, const std::string& name) {
    try {
        return parseRecord(rec);
    } catch (const Error& error) {
        throw Error(ErrorKind::Tampered, name + ": record " + std::to_string(seq) + ": " +
                                             error.what() + std::string(kAdvice));
    }
}

Sha256 leafColumn(Database& database, std::int64_t seq) {
    Statement previous(database, "SELECT leaf FROM record NOT INDEXED WHERE seq = ?1");
    return previous.bind(1, seq).step() ? digestFrom(previous.blob(0)) : Sha256{};
}

}  // namespace

void requireLog(Database& database, const std::string& name) {
    const std::int64_t application = database.integer("PRAGMA application_id");
    if (application != kApplicationId) {
        throw Error(ErrorKind::InputFile,
                    name + ": application id " + std::to_string(application) + " instead of " +
                        std::to_string(kApplicationId) +
                        "; it is another program's database: give the file of a Driftlens log");
    }
    const std::int64_t version = database.integer("PRAGMA user_version");
    if (version != kSchemaVersion) {
        throw Error(ErrorKind::InputFile, name + ": schema version " + std::to_string(version) +
                                              ", this program knows version " +
                                              std::to_string(kSchemaVersion) +
                                              "; use the program that wrote it");
    }
    const std::vector<std::string> differences = schemaDifferences(schemaOf(database));
    if (!differences.empty()) {
        throw Error(ErrorKind::Tampered, name + ": " + differences.front() + std::string(kAdvice));
    }
}

std::string readLogId(Database& database, const std::string& name) {
    Statement genesis(database, "SELECT rec FROM record NOT INDEXED WHERE seq = 1");
    if (!genesis.step()) {
        throw Error(ErrorKind::Tampered,
                    name + ": the genesis record is missing" + std::string(kAdvice));
    }
    return parsed(genesis.blob(0), 1, name).logId;
}

std::optional<VerifierKey> keyIn(const RecordFields& fields, const std::vector<LogKey>& before) {
    const bool isRotation = fields.type == kKeyRotated;
    if (!isRotation && fields.type != kGenesis) return std::nullopt;
    const JsonObject body(fields.body, fields.type);
    if (!isRotation && !body.has("public_key")) return std::nullopt;
    VerifierKey key = VerifierKey::parse(body.string(isRotation ? "new_key" : "public_key"));
    if (!isRotation) return key;
    const std::string bytes = fromBase64(body.string("signature"));
    Signature signature{};
    const bool isSigned = !before.empty() && bytes.size() == signature.size();
    if (isSigned) std::copy(bytes.begin(), bytes.end(), signature.begin());
    if (!isSigned ||
        !before.back().key.verifies(rotationMessage(originOf(fields.logId), key), signature)) {
        throw Error(ErrorKind::InputFile, "the new key is not signed by the key before it");
    }
    return key;
}

std::vector<LogKey> readKeys(Database& database, const std::string& name) {
    std::vector<LogKey> keys;
    Statement rows(database,
                   "SELECT seq, rec FROM record WHERE run_id = '' AND record_type IN "
                   "('genesis', 'key_rotated') ORDER BY seq");
    while (rows.step()) {
        try {
            const auto key = keyIn(parseRecord(rows.blob(1)), keys);
            if (key) keys.push_back({rows.integer(0), *key});
        } catch (const Error& error) {
            throw Error(ErrorKind::Tampered, name + ": record " + std::to_string(rows.integer(0)) +
                                                 ": " + error.what() + std::string(kAdvice));
        }
    }
    return keys;
}

ChainHead checkedHead(Database& database, const std::string& name, const std::string& logId) {
    Statement last(database,
                   "SELECT seq, leaf, rec FROM record NOT INDEXED ORDER BY seq DESC LIMIT 1");
    if (!last.step()) {
        throw Error(ErrorKind::Tampered, name + ": it has no record" + std::string(kAdvice));
    }
    const std::int64_t seq = last.integer(0);
    const RecordFields fields = parsed(last.blob(2), seq, name);
    const Sha256 leaf = leafOf(last.blob(2));
    const bool whole = last.blob(1) == bytesOf(leaf) && fields.seq == seq &&
                       fields.logId == logId && fields.prev == leafColumn(database, seq - 1);
    if (!whole) {
        throw Error(ErrorKind::Tampered, name + ": the last record, " + std::to_string(seq) +
                                             ", does not continue the chain" +
                                             std::string(kAdvice));
    }
    return {seq, leaf};
}

}  // namespace audit

namespace {

using namespace audit;

AuditRecord toRecord(std::string_view rec, std::int64_t seq, const std::string& name) {
    RecordFields fields = parsed(rec, seq, name);
    AuditRecord record;
    record.seq = fields.seq;
    record.type = std::move(fields.type);
    record.runId = std::move(fields.runId);
    record.timeUtc = std::move(fields.time);
    record.meta = std::move(fields.meta);
    record.body = std::move(fields.body);
    record.leaf = leafOf(rec);
    record.canonical = rec;
    return record;
}

std::string statusAfter(std::string_view endType) {
    if (endType == kRunFinished) return "finished";
    if (endType == kRunFailed) return "failed";
    return "cancelled";
}

// Of a member that may say anything.
std::string modelText(const Json& model) {
    if (!model.is_object()) return {};
    const auto text = [&](const char* key) {
        const auto found = model.find(key);
        return found != model.end() && found->is_string() ? found->get<std::string>()
                                                          : std::string();
    };
    const std::string scheme = text("scheme");
    return scheme.empty() || scheme == "none" ? text("path") : text("path") + "@" + scheme;
}

std::vector<std::string> modelsOf(const Json& body) {
    std::vector<std::string> out;
    if (!body.is_object()) return out;
    for (const char* key : {"model", "reference"})
        if (const auto found = body.find(key); found != body.end())
            out.push_back(modelText(*found));
    if (const auto found = body.find("variants"); found != body.end() && found->is_array())
        for (const Json& variant : *found) out.push_back(modelText(variant));
    return out;
}

RunSummary startedRun(const RecordFields& start) {
    RunSummary run;
    run.runId = start.runId;
    run.verb = start.meta.contains("verb") && start.meta["verb"].is_string()
                   ? start.meta["verb"].get<std::string>()
                   : std::string();
    run.startedUtc = start.time;
    run.status = "unmatched";
    run.firstSeq = start.seq;
    run.models = modelsOf(start.body);
    return run;
}

}  // namespace

std::vector<RunSummary> AuditLog::runs() const {
    Transaction snapshot(m_state->database, Transaction::Mode::Read);
    std::vector<RunSummary> runs;
    std::map<std::string, std::size_t, std::less<>> indexOf;
    Statement rows(
        m_state->database,
        "SELECT seq, record_type, run_id, CASE record_type WHEN 'run_started' THEN rec END "
        "FROM record NOT INDEXED ORDER BY seq");
    while (rows.step()) {
        if (rows.text(1) == kRunStarted) {
            const RecordFields start = parsed(rows.blob(3), rows.integer(0), m_state->name);
            indexOf.emplace(start.runId, runs.size());
            runs.push_back(startedRun(start));
        }
        const auto found = indexOf.find(rows.text(2));
        if (found == indexOf.end()) continue;
        RunSummary& run = runs[found->second];
        ++run.records;
        if (endsRun(rows.text(1))) run.status = statusAfter(rows.text(1));
    }
    return runs;
}

std::vector<AuditRecord> AuditLog::records(std::string_view runId) const {
    std::vector<AuditRecord> records;
    Statement rows(m_state->database,
                   runId.empty() ? "SELECT seq, rec FROM record ORDER BY seq"
                                 : "SELECT seq, rec FROM record WHERE run_id = ?1 ORDER BY seq");
    if (!runId.empty()) rows.bindText(1, runId);
    while (rows.step()) {
        records.push_back(toRecord(rows.blob(1), rows.integer(0), m_state->name));
    }
    return records;
}

std::vector<AuditRecord> AuditLog::records(std::string_view runId, std::int64_t after,
                                           std::int64_t most) const {
    std::vector<AuditRecord> records;
    Statement rows(
        m_state->database,
        "SELECT seq, rec FROM record WHERE run_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");
    rows.bindText(1, runId).bind(2, after).bind(3, most);
    while (rows.step()) records.push_back(toRecord(rows.blob(1), rows.integer(0), m_state->name));
    return records;
}

std::optional<std::string> AuditLog::payload(std::int64_t seq, std::string_view name) const {
    Statement row(m_state->database,
                  "SELECT salt, bytes, rec FROM payload JOIN record USING(seq) "
                  "WHERE seq = ?1 AND name = ?2");
    if (!row.bind(1, seq).bindText(2, name).step()) return std::nullopt;
    const RecordFields fields = parsed(row.blob(2), seq, m_state->name);
    const auto found = fields.commitments.find(std::string(name));
    if (found == fields.commitments.end() ||
        found->second != commitmentOf(row.blob(0), row.blob(1))) {
        throw Error(ErrorKind::Tampered, m_state->name + ": payload " + inQuotes(name) +
                                             " of record " + std::to_string(seq) +
                                             " is not what the record commits to" +
                                             std::string(kAdvice));
    }
    return std::string(row.blob(1));
}

std::optional<std::string> AuditLog::payload(std::string_view runId, std::string_view name) const {
    Statement row(m_state->database,
                  "SELECT min(payload.seq) FROM payload JOIN record USING(seq) "
                  "WHERE run_id = ?1 AND name = ?2");
    row.bindText(1, runId).bindText(2, name);
    if (!row.step() || row.integer(0) == 0) return std::nullopt;
    const std::int64_t seq = row.integer(0);
    return payload(seq, name);
}

std::vector<double> AuditLog::blob(const Sha256& digest) const {
    if (const auto found = m_state->pending.find(digest); found != m_state->pending.end()) {
        return decodeBlob(found->second.content.dtype, found->second.content.bytes);
    }
    Statement row(m_state->database,
                  "SELECT salt, dtype, shape, bytes FROM blob_reference JOIN blob USING(digest) "
                  "WHERE commitment = ?1 LIMIT 1");
    if (!row.bindBlob(1, bytesOf(digest)).step()) {
        throw Error(ErrorKind::InputFile,
                    m_state->name + ": it has no blob " + toHex(digest) + "; run audit verify");
    }
    const Sha256 content = blobDigest(row.text(1), row.text(2), row.blob(3));
    if (commitmentOf(row.blob(0), bytesOf(content)) != digest) {
        throw Error(ErrorKind::Tampered, m_state->name + ": blob " + toHex(digest) +
                                             " is not what its record commits to" +
                                             std::string(kAdvice));
    }
    return decodeBlob(row.text(1), row.blob(3));
}

std::string AuditLog::logId() const {
    return m_state->logId;
}

std::string AuditLog::publicKey() const {
    const std::vector<LogKey> keys = readKeys(m_state->database, m_state->name);
    return keys.empty() ? std::string() : keys.back().key.text();
}

std::string AuditLog::newestCheckpoint() const {
    return std::string(lastNote(readTail(checkpointFileOf(m_state->file), kMaxNoteBytes)));
}

std::int64_t AuditLog::recordCount() const {
    return m_state->database.integer("SELECT count(*) FROM record NOT INDEXED");
}

Sha256 AuditLog::head() const {
    Statement last(m_state->database,
                   "SELECT rec FROM record NOT INDEXED ORDER BY seq DESC LIMIT 1");
    if (!last.step()) {
        throw Error(ErrorKind::Tampered,
                    m_state->name + ": it has no record" + std::string(kAdvice));
    }
    return leafOf(last.blob(0));
}

}  // namespace driftlens
