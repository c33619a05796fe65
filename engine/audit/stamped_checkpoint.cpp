#include "engine/audit/stamped_checkpoint.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/environment.h"
#include "engine/audit/log_state.h"
#include "engine/audit/merkle.h"
#include "engine/audit/timestamp.h"

#include <algorithm>

namespace driftlens {
namespace {

using namespace audit;

// The checkpoint must be one of this log: its root that of the records, its signature by the key
// that was in force.
void requireOwn(Database& database, const std::string& name, const std::string& logId,
                const SignedCheckpoint& note) {
    const Checkpoint& checkpoint = note.checkpoint;
    const auto refuse = [&](const std::string& why) {
        throw Error(ErrorKind::InputFile, name + ": the checkpoint of " +
                                              std::to_string(checkpoint.size) + " records " + why);
    };
    if (checkpoint.origin != originOf(logId)) refuse("is one of another log");
    MerkleTree tree;
    Statement rows(database, "SELECT rec FROM record NOT INDEXED WHERE seq <= ?1 ORDER BY seq");
    rows.bind(1, checkpoint.size);
    while (rows.step()) tree.add(leafOf(rows.blob(0)));
    if (tree.size() != checkpoint.size || tree.root() != checkpoint.root)
        refuse("is not one of these records");
    const std::vector<LogKey> keys = readKeys(database, name);
    const VerifierKey* inForce = nullptr;
    for (const LogKey& key : keys)
        if (key.since <= checkpoint.size) inForce = &key.key;
    if (inForce == nullptr || !note.isSignedBy(*inForce)) refuse("is not signed by the log's key");
}

}  // namespace

AuditTimestamp AuditLog::addTimestamp(std::string_view note, std::string_view token,
                                      const std::optional<std::filesystem::path>& certificates) {
    const SignedCheckpoint checkpoint = parseCheckpoint(note);
    const Timestamp stamp = readTimestamp(token, note);
    if (certificates) verifyTimestamp(token, note, *certificates);
    AuditTimestamp out{0, checkpoint.checkpoint.size, stamp.time, asUtf8(stamp.authority),
                       certificates.has_value()};
    m_state->write([&](const State::Append& append) {
        requireOwn(m_state->database, m_state->name, m_state->logId, checkpoint);
        NewRecord record{fieldsOf(kTimestamped, {})};
        record.fields.meta = {{"actor", describeActor()}, {"clock", describeClock()}};
        record.fields.body = {{"checkpoint", std::string(note)},
                              {"token", toBase64(token)},
                              {"time", stamp.time},
                              {"algorithm", stamp.algorithm},
                              {"serial", stamp.serial},
                              {"policy", stamp.policy},
                              {"authority", out.authority},
                              {"signature_checked", out.isTrusted}};
        out.record = append(record);
    });
    return out;
}

namespace audit {

StampedCheckpoint stampedCheckpointIn(const RecordFields& fields) {
    const JsonObject body(fields.body, "timestamp");
    StampedCheckpoint out{parseCheckpoint(body.string("checkpoint")),
                          fromBase64(body.string("token"))};
    const Timestamp stamp = readTimestamp(out.token, out.note.note);
    if (stamp.time != body.string("time"))
        throw Error(ErrorKind::InputFile, "the timestamp says another time than its record");
    out.time = stamp.time;
    out.authority = stamp.authority;
    return out;
}

}  // namespace audit
}  // namespace driftlens
