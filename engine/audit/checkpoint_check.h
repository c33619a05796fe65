// The part of verification that compares the records with what was signed.
#pragma once

#include "engine/audit/checkpoint.h"
#include "engine/audit/findings.h"
#include "engine/audit/merkle.h"
#include "engine/audit/record.h"
#include "engine/audit/signer.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace driftlens::audit {

// Sees every record once, in order. Compares every root, and checks every signature; of the
// checkpoints beside the log those of the first 20 000, then of the newest one under each key and
// of the first that disagrees.
class CheckpointCheck {
public:
    // Throws Error(InputFile) if a file of `trust` is not there or is none.
    CheckpointCheck(const std::filesystem::path& log, const AuditTrust& trust, Findings& findings);

    // The file beside the log, read while no writer can commit; `records` is how many the log has.
    // A writer that has committed and not yet signed gets a moment.
    void readBeside(std::int64_t records);

    // One that a record of the log holds; before the first add().
    void addStamped(SignedCheckpoint note);

    void add(const RecordFields* fields, const Sha256& leaf);  // null: bytes that are no record
    void finish();

private:
    struct Claim {
        SignedCheckpoint signedCheckpoint;
        bool isHeld = false;

        std::int64_t size() const { return signedCheckpoint.checkpoint.size; }
    };

    void advance();
    std::optional<Claim> take(std::int64_t size);
    void compare(const Claim& claim);
    bool isSigned(const Claim& claim) const;
    void checkSignature(const Claim& claim);
    void settleNewest();  // before the key changes, and at the end
    void report(const Claim& claim);
    void reportCut(const Claim& claim);
    void requireTrustedKey();
    void reportUncovered();

    std::filesystem::path m_file;
    Findings& m_findings;
    std::vector<Claim> m_held;  // by size, and those of records, which nobody holds
    std::size_t m_nextHeld = 0;
    std::optional<NoteReader> m_beside;
    std::optional<Claim> m_ahead;  // read from it, not yet compared
    std::optional<VerifierKey> m_trusted;
    std::vector<LogKey> m_keys;
    std::string m_origin;
    MerkleTree m_tree;
    std::optional<Claim> m_newest;  // beside the log, agreeing, signature not yet checked
    std::int64_t m_covered = 0;     // records under an agreeing checkpoint with a good signature
    std::int64_t m_agreed = 0;      // beside the log
    bool m_hasDisagreed = false;
};

}  // namespace driftlens::audit
