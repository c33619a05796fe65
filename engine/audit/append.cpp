#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/environment.h"
#include "engine/audit/log_state.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace driftlens {
namespace {

using namespace audit;

struct SaltedPayload {
    const Payload* payload;
    std::string salt;
};

std::vector<SaltedPayload> commitTo(std::span<const Payload> payloads, RecordFields& fields) {
    std::vector<SaltedPayload> salted;
    for (const Payload& payload : payloads) {
        salted.push_back({&payload, randomSalt()});
        const Sha256 commitment = commitmentOf(salted.back().salt, payload.bytes);
        if (!fields.commitments.emplace(payload.name, commitment).second) {
            throw Error(ErrorKind::Internal, "audit record: two payloads are named " +
                                                 inQuotes(payload.name) +
                                                 "; name each differently");
        }
        if (payload.bytes.size() > kMaxRowBytes / 2) {
            throw Error(ErrorKind::Unsupported, "audit record: payload " + inQuotes(payload.name) +
                                                    " has " + formatBytes(payload.bytes.size()) +
                                                    "; the log takes up to 128 MiB");
        }
    }
    return salted;
}

void insertPayloads(Database& database, std::int64_t seq, std::span<const SaltedPayload> salted) {
    Statement insert(database,
                     "INSERT INTO payload(seq, name, salt, bytes) VALUES(?1, ?2, ?3, ?4)");
    for (const SaltedPayload& item : salted) {
        insert.bind(1, seq).bindText(2, item.payload->name);
        insert.bindBlob(3, item.salt).bindBlob(4, item.payload->bytes).step();
        insert.reset();
    }
}

void insertBlobOnce(Database& database, const BlobContent& content) {
    Statement known(database, "SELECT 1 FROM blob WHERE digest = ?1");
    if (known.bindBlob(1, bytesOf(content.digest)).step()) return;
    Statement insert(database,
                     "INSERT INTO blob(id, digest, dtype, shape, bytes) VALUES("
                     "(SELECT coalesce(max(id), 0) + 1 FROM blob), ?1, ?2, ?3, ?4)");
    insert.bindBlob(1, bytesOf(content.digest)).bindText(2, content.dtype);
    insert.bindText(3, content.shape).bindBlob(4, content.bytes).step();
}

void insertReference(Database& database, const RecordFields& fields, const Sha256& commitment,
                     const PendingBlob* pending) {
    std::string salt;
    std::string digest;
    if (pending) {
        insertBlobOnce(database, pending->content);
        salt = pending->salt;
        digest = bytesOf(pending->content.digest);
    } else {
        Statement known(database,
                        "SELECT salt, digest FROM blob_reference JOIN record USING(seq) "
                        "WHERE commitment = ?1 AND run_id = ?2");
        if (!known.bindBlob(1, bytesOf(commitment)).bindText(2, fields.runId).step()) {
            throw Error(ErrorKind::Internal,
                        "audit record: its body names a blob that this run did not add");
        }
        salt = known.blob(0);
        digest = known.blob(1);
    }
    Statement insert(database,
                     "INSERT INTO blob_reference(commitment, seq, salt, digest) "
                     "VALUES(?1, ?2, ?3, ?4)");
    insert.bindBlob(1, bytesOf(commitment)).bind(2, fields.seq);
    insert.bindBlob(3, salt).bindBlob(4, digest).step();
}

bool needsOpenRun(std::string_view type) {
    return type == kExampleResult || endsRun(type);
}

// A run takes records from its start to its end.
void requireOpenRun(Database& database, const std::string& runId) {
    Statement records(database,
                      "SELECT record_type FROM record WHERE run_id = ?1 AND record_type IN "
                      "('run_started', 'run_finished', 'run_failed', 'run_cancelled')");
    records.bindText(1, runId);
    bool started = false;
    while (records.step()) {
        started = started || records.text(0) == kRunStarted;
        if (endsRun(records.text(0))) {
            throw Error(ErrorKind::Internal, "audit run " + inQuotes(runId) + " has ended already");
        }
    }
    if (!started) {
        throw Error(ErrorKind::Internal, "audit run " + inQuotes(runId) + " was never started");
    }
}

}  // namespace

namespace audit {

std::string randomSalt() {
    return std::string(bytesOf(randomBytes(kSaltBytes)));
}

// The bytes of a record that its own reader accepts: what verify would refuse is never written.
std::string checkedRecord(const RecordFields& fields) {
    std::string rec = canonicalRecord(fields);
    try {
        parseRecord(rec);
    } catch (const Error& error) {
        throw Error(ErrorKind::Internal,
                    std::string("audit record cannot be written: ") + error.what());
    }
    if (rec.size() > kMaxRowBytes / 2) {
        throw Error(ErrorKind::Unsupported,
                    "audit record: " + formatBytes(rec.size()) + "; the log takes up to 128 MiB");
    }
    return rec;
}

RecordFields fieldsOf(std::string_view type, std::string_view runId) {
    RecordFields fields;
    fields.type = type;
    fields.runId = runId;
    return fields;
}

Sha256 insertRecord(Database& database, const RecordFields& fields, std::string_view rec) {
    const Sha256 leaf = leafOf(rec);
    Statement insert(database,
                     "INSERT INTO record(seq, record_type, run_id, time_utc, leaf, rec) "
                     "VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    insert.bind(1, fields.seq).bindText(2, fields.type).bindText(3, fields.runId);
    insert.bindText(4, fields.time).bindBlob(5, bytesOf(leaf)).bindBlob(6, rec).step();
    return leaf;
}

}  // namespace audit

ChainHead AuditLog::State::insert(const NewRecord& record, const ChainHead& head) {
    RecordFields fields = record.fields;
    if (!fields.body.is_object()) {
        throw Error(ErrorKind::Internal, "audit record: its body is no JSON object");
    }
    if (needsOpenRun(fields.type)) requireOpenRun(database, fields.runId);
    const std::vector<SaltedPayload> salted = commitTo(record.payloads, fields);
    fields.blobs = blobsIn(fields.body);
    fields.logId = logId;
    fields.seq = head.seq + 1;
    fields.prev = head.leaf;
    fields.time = utcNow();
    const Sha256 leaf = insertRecord(database, fields, checkedRecord(fields));
    insertPayloads(database, fields.seq, salted);
    for (const Sha256& blob : fields.blobs) {
        const auto found = pending.find(blob);
        insertReference(database, fields, blob, found == pending.end() ? nullptr : &found->second);
    }
    return {fields.seq, leaf};
}

void AuditLog::State::write(const std::function<void(const Append&)>& work,
                            const std::function<void()>& committed) {
    if (!writable) {
        throw Error(ErrorKind::Internal, name + " was opened for reading; open it for writing");
    }
    std::optional<SidecarFile::Lock> lock;
    if (signer) lock.emplace(signer->file());
    Transaction transaction(database, Transaction::Mode::Write);
    ChainHead head = checkedHead(database, name, logId);
    std::vector<Sha256> leaves;
    std::vector<Sha256> blobs;
    const Append add = [&](const NewRecord& record) {
        head = insert(record, head);
        leaves.push_back(head.leaf);
        for (const Sha256& blob : blobsIn(record.fields.body)) blobs.push_back(blob);
        return head.seq;
    };
    const std::int64_t before = head.seq;
    const std::int64_t covered = signer ? signer->catchUp(database, head, logId, name) : before;
    // A crash between a commit and its checkpoint, or a writer without the key: both are on record.
    if (covered < before) {
        NewRecord late{fieldsOf(kSignedLate, {})};
        late.fields.body = {{"first", covered + 1}, {"last", before}};
        add(late);
    }
    work(add);
    transaction.commit();
    for (const Sha256& blob : blobs) pending.erase(blob);
    if (committed) committed();
    if (!signer || leaves.empty()) return;
    for (const Sha256& leaf : leaves) signer->add(leaf);
    signer->sign();
}

void AuditLog::State::append(std::span<const NewRecord> records) {
    write([&](const Append& add) {
        for (const NewRecord& record : records) add(record);
    });
}

void AuditLog::State::append(RecordFields fields, std::span<const Payload> payloads) {
    const NewRecord record{std::move(fields), payloads};
    append(std::span(&record, 1));
}

}  // namespace driftlens
