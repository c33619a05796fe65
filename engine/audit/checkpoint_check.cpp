#include "engine/audit/checkpoint_check.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "engine/audit/log_state.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace driftlens::audit {
namespace {

// Checking one takes 0.1 ms. Beyond so many, the newest one stands for those before it: their roots
// are compared all the same.
constexpr std::int64_t kMaxSignatures = 20'000;

constexpr int kPatience = 15;  // looks at the file beside the log
constexpr std::chrono::milliseconds kBetweenLooks{20};

std::string named(const Checkpoint& checkpoint) {
    return "the checkpoint of " + std::to_string(checkpoint.size) + " records";
}

std::string records(std::int64_t first, std::int64_t last) {
    return first == last ? "record " + std::to_string(first)
                         : "records " + std::to_string(first) + " to " + std::to_string(last);
}

}  // namespace

CheckpointCheck::CheckpointCheck(const std::filesystem::path& log, const AuditTrust& trust,
                                 Findings& findings)
    : m_file(checkpointFileOf(log)), m_findings(findings) {
    if (trust.publicKeyFile) m_trusted = readKeyFile(*trust.publicKeyFile);
    if (!trust.checkpointFile) return;
    const std::string text = readFileText(*trust.checkpointFile);
    for (SignedCheckpoint& held : parseCheckpoints(text, trust.checkpointFile->string())) {
        m_claims.push_back({std::move(held), true});
    }
    if (m_claims.empty()) {
        throw Error(ErrorKind::InputFile, trust.checkpointFile->string() +
                                              ": it holds no checkpoint; give a signed note");
    }
}

void CheckpointCheck::readBeside(std::int64_t records) {
    const auto bySize = [](const Claim& a, const Claim& b) {
        return a.signedCheckpoint.checkpoint.size < b.signedCheckpoint.checkpoint.size;
    };
    std::vector<SignedCheckpoint> beside;
    for (int look = 0; hasContent(m_file); ++look) {
        // Asked before reading: a writer that is done by then has signed what is in the snapshot.
        const bool isBusy = isBeingWritten(m_file);
        bool isTorn = false;
        beside = parseCheckpoints(readFileText(m_file), m_file.filename().string(), &isTorn);
        const bool isBehind = beside.empty() || beside.back().checkpoint.size < records;
        if (!isBehind || !isBusy || look == kPatience) break;
        std::this_thread::sleep_for(kBetweenLooks);
    }
    for (std::size_t i = 1; i < beside.size(); ++i) {
        if (beside[i].checkpoint.size > beside[i - 1].checkpoint.size) continue;
        m_findings.tampered(std::nullopt, "the file of checkpoints goes back from " +
                                              std::to_string(beside[i - 1].checkpoint.size) +
                                              " to " + std::to_string(beside[i].checkpoint.size) +
                                              " records");
    }
    for (SignedCheckpoint& each : beside) m_claims.push_back({std::move(each), false});
    std::stable_sort(m_claims.begin(), m_claims.end(), bySize);
}

void CheckpointCheck::add(const RecordFields* fields, const Sha256& leaf) {
    m_tree.add(leaf);
    if (fields && m_tree.size() == 1) m_origin = originOf(fields->logId);
    if (fields) {
        try {
            if (const auto key = keyIn(*fields, m_keys)) {
                settleNewest();
                m_keys.push_back({m_tree.size(), *key});
            }
        } catch (const Error& error) {
            m_findings.tampered(m_tree.size(),
                                "record " + std::to_string(m_tree.size()) + ": " + error.what());
        }
    }
    compare();
}

void CheckpointCheck::compare() {
    for (; m_next < m_claims.size(); ++m_next) {
        const Claim& claim = m_claims[m_next];
        if (claim.signedCheckpoint.checkpoint.size > m_tree.size()) return;
        compare(claim);
    }
}

bool CheckpointCheck::isSigned(const Claim& claim) const {
    if (!m_keys.empty()) return claim.signedCheckpoint.isSignedBy(m_keys.back().key);
    return m_trusted && claim.signedCheckpoint.isSignedBy(*m_trusted);
}

void CheckpointCheck::checkSignature(const Claim& claim) {
    if (isSigned(claim)) return;
    m_findings.tampered(std::nullopt,
                        named(claim.signedCheckpoint.checkpoint) +
                            (claim.isHeld ? " that you hold" : " beside the log") +
                            " is not signed by the log's key: one of the two was exchanged");
}

void CheckpointCheck::report(const Claim& claim) {
    auto& reported = m_findings.result().checkpoint;
    const Checkpoint& checkpoint = claim.signedCheckpoint.checkpoint;
    if (reported && reported->size > checkpoint.size) return;
    reported = {checkpoint.origin, checkpoint.size, toBase64(bytesOf(checkpoint.root)),
                !m_keys.empty() && isSigned(claim) ? m_keys.back().key.text() : std::string(),
                claim.isHeld};
}

void CheckpointCheck::compare(const Claim& claim) {
    const Checkpoint& checkpoint = claim.signedCheckpoint.checkpoint;
    if (checkpoint.origin != m_origin) {
        m_findings.tampered(std::nullopt, named(checkpoint) + " is one of " +
                                              inQuotes(checkpoint.origin) + ", the log is " +
                                              inQuotes(m_origin));
        return;
    }
    const bool agrees = checkpoint.size == m_tree.size() && checkpoint.root == m_tree.root();
    if (!agrees) {
        // One that disagrees says enough; the later ones follow from it.
        if (m_hasDisagreed && !claim.isHeld) return;
        m_hasDisagreed = true;
        checkSignature(claim);
        report(claim);
        m_findings.tampered(checkpoint.size, records(1, checkpoint.size) + " are not those that " +
                                                 named(checkpoint) + " vouches for");
        return;
    }
    if (claim.isHeld) {
        checkSignature(claim);
        report(claim);
        if (isSigned(claim)) m_covered = std::max(m_covered, checkpoint.size);
        return;
    }
    m_newest = claim;
    if (++m_agreed <= kMaxSignatures) settleNewest();
}

void CheckpointCheck::settleNewest() {
    if (!m_newest) return;
    const Claim claim = std::move(*m_newest);
    m_newest.reset();
    checkSignature(claim);
    report(claim);
    if (isSigned(claim)) m_covered = std::max(m_covered, claim.signedCheckpoint.checkpoint.size);
}

void CheckpointCheck::requireTrustedKey() {
    if (!m_trusted) return;
    const bool isKnown = std::any_of(m_keys.begin(), m_keys.end(),
                                     [&](const LogKey& key) { return key.key == *m_trusted; });
    if (isKnown || m_keys.empty()) return;
    m_findings.tampered(
        1, "the log is signed by " + m_keys.back().key.text() + ", not by the key that you gave");
}

void CheckpointCheck::reportUncovered() {
    AuditVerification& result = m_findings.result();
    result.unsignedRecords = m_tree.size() - m_covered;
    if (m_keys.empty()) {
        m_findings.add(Outcome::Unsigned, std::nullopt, "the log has no key: nothing is signed");
    } else if (result.unsignedRecords > 0 && m_covered == 0) {
        m_findings.add(Outcome::Unsigned, std::nullopt, "no checkpoint covers any record");
    } else if (result.unsignedRecords > 0) {
        m_findings.add(Outcome::Unsigned, m_covered + 1,
                       records(m_covered + 1, m_tree.size()) +
                           (result.unsignedRecords == 1 ? " comes" : " come") +
                           " after the last checkpoint: written without the key, or the writer "
                           "was stopped before it signed");
    }
}

void CheckpointCheck::finish() {
    settleNewest();
    for (; m_next < m_claims.size(); ++m_next) {
        const Claim& claim = m_claims[m_next];
        const Checkpoint& checkpoint = claim.signedCheckpoint.checkpoint;
        if (checkpoint.origin != m_origin) {
            compare(claim);
            continue;
        }
        checkSignature(claim);
        report(claim);
        m_findings.add(Outcome::Truncated, std::nullopt,
                       named(checkpoint) + (claim.isHeld ? " that you hold" : " beside the log") +
                           " covers more than the " + std::to_string(m_tree.size()) +
                           " that are there: records were cut off, or an old copy was put in "
                           "place of the log");
        // The largest says it all.
        if (!claim.isHeld && m_next + 2 < m_claims.size()) m_next = m_claims.size() - 2;
    }
    requireTrustedKey();
    reportUncovered();
}

}  // namespace driftlens::audit
