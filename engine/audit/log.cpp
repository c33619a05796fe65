#include "engine/audit/log.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/environment.h"
#include "engine/audit/log_state.h"
#include "engine/audit/schema.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace driftlens {
namespace {

using namespace audit;

constexpr std::size_t kLogIdBytes = 16;
constexpr std::size_t kRunIdBytes = 8;

std::string nameOf(const std::filesystem::path& file) {
    return "audit log " + inQuotes(file.string(), 200);
}

Sha256 writeGenesis(Database& database, const std::string& logId, const SigningKey& key) {
    RecordFields genesis = fieldsOf(kGenesis, {});
    genesis.seq = 1;
    genesis.time = utcNow();
    genesis.logId = logId;
    genesis.meta = {{"actor", describeActor()}, {"clock", describeClock()}};
    genesis.body = {{"application_id", kApplicationId},
                    {"schema_version", kSchemaVersion},
                    {"schema_sha256", toHex(schemaDigest(schemaOf(database)))},
                    {"public_key", VerifierKey{originOf(logId), key.publicKey()}.text()}};
    return insertRecord(database, genesis, checkedRecord(genesis));
}

bool isEmpty(Database& database) {
    return database.integer("PRAGMA page_count") == 0;
}

// The key beside the log. A new log gets one; an old one that has none stays unsigned.
std::unique_ptr<Signer> signerFor(const std::filesystem::path& file, bool isNew) {
    const std::filesystem::path keyFile = keyFileOf(file);
    std::optional<SigningKey> key = SigningKey::load(keyFile);
    if (!key && isNew) {
        key = SigningKey::random();
        // Another process that creates the same log may have been faster.
        if (!key->save(keyFile)) key = SigningKey::load(keyFile);
    }
    return key ? std::make_unique<Signer>(file, std::move(*key)) : nullptr;
}

// Writes the genesis record and its checkpoint if the file is still empty. Needs the lock.
void createIfEmpty(Database& database, Signer* signer, const std::string& name) {
    if (!isEmpty(database)) return;
    if (!signer) {
        throw Error(ErrorKind::Io, name +
                                       ": its signing key is there but cannot be read; check "
                                       "its permissions, or give the log another name");
    }
    if (signer->hasCheckpoints()) {
        throw Error(ErrorKind::Tampered,
                    name +
                        ": the log is gone, its checkpoints are there; put the log back, or "
                        "move its .checkpoints and .key away to begin a new one");
    }
    database.execute(
        "PRAGMA encoding='UTF-8'; PRAGMA page_size=4096; PRAGMA journal_mode=TRUNCATE");
    Transaction transaction(database, Transaction::Mode::Write);
    // Another process may have created it while this one waited for the lock. (The pages do not
    // tell: the lock on an empty file makes the first one.)
    if (database.integer("SELECT count(*) FROM sqlite_schema") != 0) return;
    createSchema(database);
    const std::string logId = toHex(randomBytes(kLogIdBytes));
    const Sha256 leaf = writeGenesis(database, logId, signer->key());
    transaction.commit();
    signer->begin(logId, {{1, VerifierKey{originOf(logId), signer->key().publicKey()}}}, name);
    signer->add(leaf);
    signer->sign();
}

}  // namespace

AuditLog::AuditLog(std::unique_ptr<State> state) : m_state(std::move(state)) {}

AuditLog::~AuditLog() = default;

std::unique_ptr<AuditLog> AuditLog::openForWriting(const std::filesystem::path& file) {
    const std::string name = nameOf(file);
    // Another program's database is recognised read-only, before a writing connection touches it.
    if (std::filesystem::is_regular_file(file) && hasContent(file)) {
        Database foreign = Database::openReadOnly(file);
        if (!isEmpty(foreign)) requireLog(foreign, name);
    }
    auto state = std::make_unique<State>(State{Database::openReadWrite(file), name, true, file});
    Database& database = state->database;
    std::unique_ptr<Signer> signer = signerFor(file, isEmpty(database));
    std::optional<SidecarFile::Lock> lock;
    if (signer) lock.emplace(signer->file());
    createIfEmpty(database, signer.get(), name);
    requireLog(database, name);
    database.execute("PRAGMA journal_mode=TRUNCATE");
    Transaction snapshot(database, Transaction::Mode::Read);
    state->logId = readLogId(database, name);
    const ChainHead head = checkedHead(database, name, state->logId);
    if (signer && !readKeys(database, name).empty()) {
        signer->catchUp(database, head, state->logId, name);
        state->signer = std::move(signer);
    }
    return std::unique_ptr<AuditLog>(new AuditLog(std::move(state)));
}

std::unique_ptr<AuditLog> AuditLog::openForReading(const std::filesystem::path& file) {
    const std::string name = nameOf(file);
    auto state = std::make_unique<State>(State{Database::openReadOnly(file), name, false, file});
    Transaction snapshot(state->database, Transaction::Mode::Read);
    requireLog(state->database, name);
    state->logId = readLogId(state->database, name);
    return std::unique_ptr<AuditLog>(new AuditLog(std::move(state)));
}

bool AuditLog::isHeld(const std::filesystem::path& file) {
    return Database::isHeld(file);
}

std::string AuditLog::startRun(std::string_view verb, const Json& body,
                               std::span<const Payload> payloads) {
    const std::string runId = toHex(randomBytes(kRunIdBytes));
    RecordFields fields = fieldsOf(kRunStarted, runId);
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
    RecordFields fields = fieldsOf(kExampleResult, runId);
    fields.body = body;
    m_state->append(std::move(fields), payloads);
}

void AuditLog::addResults(std::string_view runId, std::span<const AuditResult> results) {
    std::vector<NewRecord> records;
    for (const AuditResult& result : results) {
        records.push_back({fieldsOf(kExampleResult, runId), result.payloads});
        records.back().fields.body = result.body;
    }
    if (!records.empty()) m_state->append(records);
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
    RecordFields fields = fieldsOf(kRunFinished, runId);
    fields.body = body;
    m_state->end(std::move(fields), {});
}

void AuditLog::failRun(std::string_view runId, std::string_view errorKind,
                       std::string_view message) {
    RecordFields fields = fieldsOf(kRunFailed, runId);
    fields.body["error_kind"] = std::string(errorKind);
    const std::array<Payload, 1> payloads = {{{"error_message", asUtf8(std::string(message))}}};
    m_state->end(std::move(fields), payloads);
}

void AuditLog::cancelRun(std::string_view runId) {
    m_state->end(fieldsOf(kRunCancelled, runId), {});
}

std::int64_t AuditLog::addRerun(std::string_view runId, const Json& body) {
    NewRecord record{fieldsOf(kRerun, runId)};
    record.fields.meta = {{"actor", describeActor()}, {"clock", describeClock()}};
    record.fields.body = body;
    std::int64_t seq = 0;
    m_state->write([&](const State::Append& append) {
        Statement finished(
            m_state->database,
            "SELECT 1 FROM record WHERE run_id = ?1 AND record_type = 'run_finished'");
        if (!runId.empty() && !finished.bindText(1, runId).step()) {
            throw Error(ErrorKind::Internal,
                        "audit rerun: run " + inQuotes(runId) + " is not finished");
        }
        seq = append(record);
    });
    return seq;
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
