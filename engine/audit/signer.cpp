#include "engine/audit/signer.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/log_state.h"
#include "engine/audit/record.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace driftlens::audit {
namespace {

[[noreturn]] void alarm(const std::string& name, const std::string& what) {
    throw Error(ErrorKind::Tampered, name + ": " + what + "; run audit verify");
}

// Adds the leaves of records (size of tree, last] as their column has them.
void addLeaves(Database& database, MerkleTree& tree, std::int64_t last) {
    Statement rows(database,
                   "SELECT leaf FROM record NOT INDEXED WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
    rows.bind(1, tree.size()).bind(2, last);
    while (rows.step()) tree.add(digestFrom(rows.blob(0)));
}

// The same for records that no checkpoint vouches for: each must continue the chain.
void addCheckedLeaves(Database& database, MerkleTree& tree, const std::string& name) {
    Statement previous(database, "SELECT leaf FROM record NOT INDEXED WHERE seq = ?1");
    Sha256 link{};
    if (previous.bind(1, tree.size()).step()) link = digestFrom(previous.blob(0));
    Statement rows(database,
                   "SELECT seq, leaf, rec FROM record NOT INDEXED WHERE seq > ?1 ORDER BY seq");
    rows.bind(1, tree.size());
    while (rows.step()) {
        const Sha256 leaf = leafOf(rows.blob(2));
        const bool continues = rows.integer(0) == tree.size() + 1 &&
                               rows.blob(1) == bytesOf(leaf) &&
                               parseRecord(rows.blob(2)).prev == link;
        if (!continues) {
            alarm(name, "record " + std::to_string(rows.integer(0)) +
                            ", which is not signed, does not continue the chain");
        }
        tree.add(leaf);
        link = leaf;
    }
}

}  // namespace

std::string rotationMessage(const std::string& origin, const VerifierKey& next) {
    return "driftlens key rotation 1\n" + origin + '\n' + next.text() + '\n';
}

Signer::Signer(const std::filesystem::path& log, SigningKey key)
    : m_log(log), m_key(std::move(key)), m_file(checkpointFileOf(log)) {}

void Signer::begin(const std::string& logId, std::vector<LogKey> keys, const std::string& name) {
    m_origin = originOf(logId);
    m_keys = std::move(keys);
    if (!m_keys.empty() && m_keys.back().key == verifierKey()) return;
    if (!m_keys.empty() && takeRotatedKey()) return;
    throw Error(ErrorKind::InputFile,
                name + ": the key beside it is not its own (" + verifierKey().text() +
                    "); put its key back, or take this one away to write unsigned records");
}

// Another process has rotated the key, or one that was to do it died between the record and the
// file of the key.
bool Signer::takeRotatedKey() {
    for (const std::filesystem::path& file : {keyFileOf(m_log), nextKeyFileOf(m_log)}) {
        std::optional<SigningKey> key = SigningKey::load(file);
        if (!key || key->publicKey() != m_keys.back().key.key) continue;
        if (file != keyFileOf(m_log)) replaceSecretFile(keyFileOf(m_log), file);
        m_key = std::move(*key);
        m_oldKey.reset();
        return true;
    }
    return false;
}

// The key in force when the log had that many records.
const VerifierKey& Signer::keyAt(std::int64_t size) const {
    const auto later = std::find_if(m_keys.begin() + 1, m_keys.end(),
                                    [&](const LogKey& key) { return key.since > size; });
    return std::prev(later)->key;
}

// What a crash left of the last append was never acknowledged.
void Signer::cutTornEnd() {
    const std::string tail = m_file.tail(kMaxNoteBytes);
    const std::size_t whole = wholeNotesEnd(tail);
    const bool isTorn = whole < tail.size() && (whole > 0 || tail.size() == m_file.size());
    if (isTorn) m_file.cutTo(m_file.size() - tail.size() + whole);
}

std::optional<SignedCheckpoint> Signer::last(const std::string& name) {
    cutTornEnd();
    const std::string tail = m_file.tail(kMaxNoteBytes);
    if (tail.empty()) return std::nullopt;
    try {
        return parseCheckpoint(lastNote(tail));
    } catch (const Error& error) {
        alarm(name,
              std::string("the last note of its file of checkpoints is damaged: ") + error.what());
    }
}

void Signer::requireOurs(const SignedCheckpoint& last, const std::string& name) const {
    if (last.note == m_lastNote) return;
    if (last.checkpoint.origin != m_origin) {
        alarm(name, "the checkpoints beside it are those of " + inQuotes(last.checkpoint.origin));
    }
    if (!last.isSignedBy(keyAt(last.checkpoint.size))) {
        alarm(name, "the last checkpoint beside it is not signed by its key");
    }
}

std::int64_t Signer::catchUp(Database& database, const ChainHead& head, const std::string& logId,
                             const std::string& name) {
    // Where somebody else has written, they may have rotated the key.
    if (head.seq != m_tree.size()) begin(logId, readKeys(database, name), name);
    const std::optional<SignedCheckpoint> last = this->last(name);
    const std::int64_t covered = last ? last->checkpoint.size : 0;
    // Only the genesis record can have been left without one by a crash.
    if (!last && head.seq > 1) {
        alarm(name,
              "its file of checkpoints is gone; put it back, or take its key away to write "
              "unsigned records");
    }
    if (last) requireOurs(*last, name);
    if (covered < m_signed) {
        alarm(name, "its file of checkpoints was cut to " + std::to_string(covered) + " of " +
                        std::to_string(m_signed) + " records");
    }
    if (head.seq < covered) {
        alarm(name, "it has " + std::to_string(head.seq) + " records, its last checkpoint covers " +
                        std::to_string(covered) +
                        ": records were cut off or an old copy was put "
                        "in its place");
    }
    if (m_tree.size() > covered) m_tree = MerkleTree();
    addLeaves(database, m_tree, covered);
    if (last && (m_tree.size() != covered || m_tree.root() != last->checkpoint.root)) {
        alarm(name, "its records are not those that were signed");
    }
    if (head.seq > covered) addCheckedLeaves(database, m_tree, name);
    if (last) m_lastNote = last->note;
    m_signed = covered;
    return covered;
}

void Signer::sign() {
    const Checkpoint checkpoint{m_origin, m_tree.size(), m_tree.root()};
    const std::string note =
        m_oldKey ? signedNote(checkpoint, {&*m_oldKey, &m_key}) : signedNote(checkpoint, {&m_key});
    m_file.append(note + '\n');
    m_lastNote = note;
    m_signed = checkpoint.size;
    m_oldKey.reset();
}

void Signer::rotate(SigningKey next, std::int64_t since) {
    m_oldKey = std::exchange(m_key, std::move(next));
    m_keys.push_back({since, verifierKey()});
}

}  // namespace driftlens::audit
