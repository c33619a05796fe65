#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/environment.h"
#include "engine/audit/log_state.h"
#include "engine/audit/new_file.h"

#include <filesystem>
#include <sys/stat.h>
#include <utility>

namespace driftlens {
namespace {

using namespace audit;

constexpr const char* kExportSchema = "driftlens/audit-export/1";

[[noreturn]] void notAsCommitted(const std::string& name, const std::string& what) {
    throw Error(ErrorKind::Tampered,
                name + ": " + what + " does not hash to its record; run audit verify");
}

// Writes the lines of an export and hashes them on the way.
class ExportWriter {
public:
    ExportWriter(AuditLog& log, Database& database, std::string name, NewFile& file)
        : m_log(log), m_database(database), m_name(std::move(name)), m_file(file) {}

    ExportSummary write();

private:
    void writeHeader();
    void writeRecords();
    void writeBlobs();
    Json payloadsOf(const RecordFields& fields);
    Json blobsOf(const RecordFields& fields);
    void line(const Json& value);

    AuditLog& m_log;
    Database& m_database;
    std::string m_name;
    NewFile& m_file;
    Sha256Hasher m_hasher;
    ExportSummary m_summary;
};

ExportSummary ExportWriter::write() {
    writeHeader();
    writeRecords();
    writeBlobs();
    m_summary.sha256 = toHex(m_hasher.finish());
    return m_summary;
}

void ExportWriter::line(const Json& value) {
    const std::string text = value.dump() + "\n";
    m_hasher.update(text);
    m_file.write(text);
}

void ExportWriter::writeHeader() {
    const std::string checkpoint = m_log.newestCheckpoint();
    line({{"schema", kExportSchema},
          {"log_id", m_log.logId()},
          {"records", m_log.recordCount()},
          {"checkpoint", checkpoint.empty() ? Json(nullptr) : Json(checkpoint)}});
}

void ExportWriter::writeRecords() {
    Statement rows(m_database, "SELECT seq, leaf, rec FROM record NOT INDEXED ORDER BY seq");
    while (rows.step()) {
        const std::string what = "record " + std::to_string(rows.integer(0));
        if (rows.blob(1) != bytesOf(leafOf(rows.blob(2)))) notAsCommitted(m_name, what);
        RecordFields fields;
        try {
            fields = parseRecord(rows.blob(2));
        } catch (const Error& error) {
            throw Error(ErrorKind::Tampered,
                        m_name + ": " + what + ": " + error.what() + "; run audit verify");
        }
        line({{"rec", std::string(rows.blob(2))},
              {"payloads", payloadsOf(fields)},
              {"blobs", blobsOf(fields)}});
        ++m_summary.records;
    }
}

Json ExportWriter::payloadsOf(const RecordFields& fields) {
    Json payloads = Json::object();
    Statement row(m_database, "SELECT salt, bytes FROM payload WHERE seq = ?1 AND name = ?2");
    for (const auto& [name, commitment] : fields.commitments) {
        row.bind(1, fields.seq).bindText(2, name);
        if (row.step()) {
            if (commitmentOf(row.blob(0), row.blob(1)) != commitment) {
                notAsCommitted(m_name, "payload " + inQuotes(name) + " of record " +
                                           std::to_string(fields.seq));
            }
            payloads[name] = {{"salt", toBase64(row.blob(0))}, {"bytes", toBase64(row.blob(1))}};
            if (isValidUtf8(row.blob(1))) payloads[name]["text"] = std::string(row.blob(1));
            ++m_summary.payloads;
        }
        row.reset();
    }
    return payloads;
}

Json ExportWriter::blobsOf(const RecordFields& fields) {
    Json blobs = Json::object();
    Statement row(m_database,
                  "SELECT salt, digest FROM blob_reference WHERE seq = ?1 AND commitment = ?2");
    for (const Sha256& commitment : fields.blobs) {
        row.bind(1, fields.seq).bindBlob(2, bytesOf(commitment));
        if (row.step()) {
            if (commitmentOf(row.blob(0), row.blob(1)) != commitment) {
                notAsCommitted(m_name, "blob " + toHex(commitment));
            }
            blobs[toHex(commitment)] = {{"salt", toBase64(row.blob(0))},
                                        {"digest", toHex(digestFrom(row.blob(1)))}};
            ++m_summary.blobs;
        }
        row.reset();
    }
    return blobs;
}

void ExportWriter::writeBlobs() {
    Statement rows(m_database, "SELECT digest, dtype, shape, bytes FROM blob ORDER BY id");
    while (rows.step()) {
        const Sha256 digest = blobDigest(rows.text(1), rows.text(2), rows.blob(3));
        if (rows.blob(0) != bytesOf(digest)) notAsCommitted(m_name, "blob " + toHex(digest));
        line({{"blob", toHex(digest)},
              {"dtype", asUtf8(std::string(rows.text(1)))},
              {"shape", asUtf8(std::string(rows.text(2)))},
              {"bytes", toBase64(rows.blob(3))}});
    }
}

NewRecord exportedRecord(const ExportSummary& summary) {
    NewRecord record{fieldsOf(kExported, {})};
    record.fields.meta = {{"actor", describeActor()}, {"clock", describeClock()}};
    record.fields.body = {{"format", kExportSchema},      {"file", summary.file},
                          {"sha256", summary.sha256},     {"records", summary.records},
                          {"payloads", summary.payloads}, {"blobs", summary.blobs}};
    return record;
}

// The newest checkpoint as far as it matters to a reader: what to ask a holder for.
Json checkpointJson(const std::string& note) {
    if (note.empty()) return nullptr;
    const std::vector<std::string> lines = splitText(note, '\n');
    if (lines.size() < 3) return nullptr;
    return {{"size", lines[1]}, {"root", lines[2]}};
}

}  // namespace

std::int64_t AuditLog::addReportExport(const ReportExport& report) {
    NewRecord record{fieldsOf(kExported, {})};
    record.fields.meta = {{"actor", describeActor()}, {"clock", describeClock()}};
    const Json checkpoint = checkpointJson(newestCheckpoint());
    std::int64_t seq = 0;
    m_state->write([&](const State::Append& append) {
        Statement covered(m_state->database,
                          "SELECT count(*), min(seq), max(seq) FROM record WHERE run_id = ?1");
        covered.bindText(1, report.runId).step();
        if (report.runId.empty() || covered.integer(0) == 0) {
            throw Error(ErrorKind::Usage, m_state->name + ": it has no run " +
                                              inQuotes(report.runId) + "; audit list names them");
        }
        record.fields.body = {{"format", "driftlens/report/" + report.format},
                              {"file", asUtf8(report.file)},
                              {"sha256", report.sha256},
                              {"run", report.runId},
                              {"records", covered.integer(0)},
                              {"first_record", covered.integer(1)},
                              {"last_record", covered.integer(2)},
                              {"checkpoint", checkpoint}};
        seq = append(record);
    });
    return seq;
}

ExportSummary AuditLog::exportTo(const std::filesystem::path& file) {
    std::error_code failure;
    if (std::filesystem::exists(std::filesystem::symlink_status(file, failure))) {
        throw Error(ErrorKind::Usage,
                    inQuotes(file.string(), 200) + " exists; give the export a name of its own");
    }
    NewFile out(file, S_IRUSR | S_IWUSR);
    ExportSummary summary;
    m_state->write([&](const State::Append& append) {
        summary = ExportWriter(*this, m_state->database, m_state->name, out).write();
        summary.file = asUtf8(std::filesystem::absolute(file).lexically_normal().string());
        summary.record = append(exportedRecord(summary));
    });
    if (!out.publish()) {
        throw Error(ErrorKind::Io, inQuotes(file.string(), 200) +
                                       " was made by another program meanwhile; export again");
    }
    return summary;
}

std::string AuditLog::signEnvelope(std::string_view encoding) const {
    if (!encoding.starts_with("DSSEv1 "))
        throw Error(ErrorKind::Internal, m_state->name + ": asked to sign what is no envelope");
    if (!m_state->signer)
        throw Error(ErrorKind::Unsupported,
                    m_state->name + ": there is no key beside it that could sign");
    const Signature signature = m_state->signer->key().sign(encoding);
    return std::string(bytesOf(signature));
}

}  // namespace driftlens
