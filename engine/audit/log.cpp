#include "engine/audit/log.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/environment.h"
#include "engine/audit/log_state.h"
#include "engine/audit/schema.h"

#include <array>
#include <utility>

namespace driftlens {
namespace {

using namespace audit;

constexpr std::size_t kLogIdBytes = 16;
constexpr std::size_t kRunIdBytes = 8;

std::string nameOf(const std::filesystem::path& file) {
    return "audit log " + inQuotes(file.string(), 200);
}

void writeGenesis(Database& database) {
    RecordFields genesis;
    genesis.seq = 1;
    genesis.type = kGenesis;
    genesis.time = utcNow();
    genesis.logId = toHex(randomBytes(kLogIdBytes));
    genesis.meta = {{"actor", describeActor()}, {"clock", describeClock()}};
    genesis.body = {{"application_id", kApplicationId},
                    {"schema_version", kSchemaVersion},
                    {"schema_sha256", toHex(schemaDigest(schemaOf(database)))}};
    insertRecord(database, genesis, checkedRecord(genesis));
}

void createIfEmpty(Database& database) {
    if (database.integer("PRAGMA page_count") != 0) return;
    database.execute(
        "PRAGMA encoding='UTF-8'; PRAGMA page_size=4096; PRAGMA journal_mode=TRUNCATE");
    Transaction transaction(database, Transaction::Mode::Write);
    // Another process may have created it while this one waited for the lock. (The pages do not
    // tell: the lock on an empty file makes the first one.)
    if (database.integer("SELECT count(*) FROM sqlite_schema") != 0) return;
    createSchema(database);
    writeGenesis(database);
    transaction.commit();
}

bool hasContent(const std::filesystem::path& file) {
    std::error_code failure;
    const auto bytes = std::filesystem::file_size(file, failure);
    return !failure && bytes > 0;
}

RecordFields recordOf(std::string_view type, std::string_view runId) {
    RecordFields fields;
    fields.type = type;
    fields.runId = runId;
    return fields;
}

}  // namespace

AuditLog::AuditLog(std::unique_ptr<State> state) : m_state(std::move(state)) {}

AuditLog::~AuditLog() = default;

std::unique_ptr<AuditLog> AuditLog::openForWriting(const std::filesystem::path& file) {
    const std::string name = nameOf(file);
    // Another program's database is recognised read-only, before a writing connection touches it.
    if (std::filesystem::is_regular_file(file) && hasContent(file)) {
        Database foreign = Database::openReadOnly(file);
        if (foreign.integer("PRAGMA page_count") != 0) requireLog(foreign, name);
    }
    auto state = std::make_unique<State>(State{Database::openReadWrite(file), name, true});
    createIfEmpty(state->database);
    requireLog(state->database, name);
    state->database.execute("PRAGMA journal_mode=TRUNCATE");
    Transaction snapshot(state->database, Transaction::Mode::Read);
    state->logId = readLogId(state->database, name);
    checkedHead(state->database, name, state->logId);
    return std::unique_ptr<AuditLog>(new AuditLog(std::move(state)));
}

std::unique_ptr<AuditLog> AuditLog::openForReading(const std::filesystem::path& file) {
    const std::string name = nameOf(file);
    auto state = std::make_unique<State>(State{Database::openReadOnly(file), name, false});
    Transaction snapshot(state->database, Transaction::Mode::Read);
    requireLog(state->database, name);
    state->logId = readLogId(state->database, name);
    return std::unique_ptr<AuditLog>(new AuditLog(std::move(state)));
}

std::string AuditLog::startRun(std::string_view verb, const Json& body,
                               std::span<const Payload> payloads) {
    const std::string runId = toHex(randomBytes(kRunIdBytes));
    RecordFields fields = recordOf(kRunStarted, runId);
    fields.meta = {
        {"verb", std::string(verb)}, {"actor", describeActor()}, {"clock", describeClock()}};
    fields.body = body;
    const std::int64_t now = monotonicNanoseconds();
    m_state->append(std::move(fields), payloads);
    m_state->startedAt[runId] = now;
    return runId;
}

void AuditLog::addResult(std::string_view runId, const Json& body,
                         std::span<const Payload> payloads) {
    RecordFields fields = recordOf(kExampleResult, runId);
    fields.body = body;
    m_state->append(std::move(fields), payloads);
}

void AuditLog::State::end(RecordFields fields, std::span<const Payload> payloads) {
    const auto started = startedAt.find(fields.runId);
    // Text, like every number that could outgrow 2^53; null if another process started the run.
    fields.meta["duration_ns"] = nullptr;
    if (started != startedAt.end()) {
        fields.meta["duration_ns"] = std::to_string(monotonicNanoseconds() - started->second);
    }
    const std::string runId = fields.runId;
    append(std::move(fields), payloads);
    startedAt.erase(runId);
}

void AuditLog::finishRun(std::string_view runId, const Json& body) {
    RecordFields fields = recordOf(kRunFinished, runId);
    fields.body = body;
    m_state->end(std::move(fields), {});
}

void AuditLog::failRun(std::string_view runId, std::string_view errorKind,
                       std::string_view message) {
    RecordFields fields = recordOf(kRunFailed, runId);
    fields.body["error_kind"] = std::string(errorKind);
    const std::array<Payload, 1> payloads = {{{"error_message", asUtf8(std::string(message))}}};
    m_state->end(std::move(fields), payloads);
}

void AuditLog::cancelRun(std::string_view runId) {
    m_state->end(recordOf(kRunCancelled, runId), {});
}

BlobReference AuditLog::addBlob(std::span<const double> values,
                                std::span<const std::int64_t> shape) {
    PendingBlob blob{randomSalt(), encodeBlob(values, shape)};
    if (blob.content.bytes.size() > kMaxRowBytes / 2) {
        throw Error(ErrorKind::Unsupported,
                    "audit blob: " + formatBytes(blob.content.bytes.size()) +
                        "; the log takes up to 128 MiB");
    }
    BlobReference reference;
    reference.digest = commitmentOf(blob.salt, bytesOf(blob.content.digest));
    reference.dtype = blob.content.dtype;
    reference.shape.assign(shape.begin(), shape.end());
    m_state->pending.emplace(reference.digest, std::move(blob));
    return reference;
}

}  // namespace driftlens
