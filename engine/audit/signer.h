// Who signs the checkpoints of an open log. Never signs one that does not continue the last one.
#pragma once

#include "engine/audit/checkpoint.h"
#include "engine/audit/database.h"
#include "engine/audit/merkle.h"
#include "engine/audit/sidecar_file.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace driftlens::audit {

struct ChainHead;

// A key of the log and the record that brought it in: the genesis record, or "key_rotated".
struct LogKey {
    std::int64_t since = 0;
    VerifierKey key;
};

// What the old key signs to hand over to the new one.
std::string rotationMessage(const std::string& origin, const VerifierKey& next);

class Signer {
public:
    Signer(const std::filesystem::path& log, SigningKey key);

    const std::string& origin() const { return m_origin; }
    const SidecarFile& file() const { return m_file; }  // to lock it
    const SigningKey& key() const { return m_key; }
    VerifierKey verifierKey() const { return {m_origin, m_key.publicKey()}; }
    bool hasCheckpoints() const { return m_file.size() > 0; }

    // Once the log's id and its keys are known; needs the lock. A rotation that a crash cut short
    // is finished. Throws Error(InputFile) if the log's newest key is not beside it.
    void begin(const std::string& logId, std::vector<LogKey> keys, const std::string& name);

    // Checks that the log continues the last checkpoint, and that what came after it is a chain;
    // returns how many records that checkpoint covers. Needs the lock. Throws as begin() does if
    // somebody else rotated the key and took it away, Error(Tampered) if
    // the log or the file of checkpoints was cut, rolled back, rewritten or taken away.
    std::int64_t catchUp(Database& database, const ChainHead& head, const std::string& logId,
                         const std::string& name);

    // Adds the leaf of a record that is committed.
    void add(const Sha256& leaf) { m_tree.add(leaf); }

    // Appends the checkpoint of all records so far. Throws Error(Io).
    void sign();

    // From here on signs with the new key, which record `since` brought in; the next checkpoint
    // carries both signatures.
    void rotate(SigningKey next, std::int64_t since);

private:
    std::optional<SignedCheckpoint> last(const std::string& name);
    void cutTornEnd();
    bool takeRotatedKey();
    void requireOurs(const SignedCheckpoint& last, const std::string& name) const;
    const VerifierKey& keyAt(std::int64_t size) const;

    std::filesystem::path m_log;
    SigningKey m_key;
    std::vector<LogKey> m_keys;
    std::optional<SigningKey> m_oldKey;  // until the rotation is signed
    SidecarFile m_file;
    std::string m_origin;
    MerkleTree m_tree;          // of the records that were checked
    std::int64_t m_signed = 0;  // records that the last checkpoint covers, as this object knows it
    std::string m_lastNote;     // known to be good
};

}  // namespace driftlens::audit
