#include "engine/audit/checkpoint_check.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "engine/audit/log_state.h"

#include <algorithm>
#include <chrono>
#include <limits>
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

std::int64_t newestSize(const std::filesystem::path& file) {
    try {
        return parseCheckpoint(lastNote(readTail(file, kMaxNoteBytes))).checkpoint.size;
    } catch (const Error&) {
        return 0;
    }
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
        m_held.push_back({std::move(held), true});
    }
    if (m_held.empty()) {
        throw Error(ErrorKind::InputFile, trust.checkpointFile->string() +
                                              ": it holds no checkpoint; give a signed note");
    }
    std::stable_sort(m_held.begin(), m_held.end(),
                     [](const Claim& a, const Claim& b) { return a.size() < b.size(); });
}

void CheckpointCheck::readBeside(std::int64_t records) {
    for (int look = 0; look < kPatience; ++look) {
        // Asked before reading: a writer that is done by then has signed what is in the snapshot.
        const bool isBusy = isBeingWritten(m_file);
        if (!isBusy || newestSize(m_file) >= records) break;
        std::this_thread::sleep_for(kBetweenLooks);
    }
    m_beside.emplace(m_file);
    advance();
}

void CheckpointCheck::addStamped(SignedCheckpoint note) {
    const std::int64_t size = note.checkpoint.size;
    const auto place =
        std::upper_bound(m_held.begin(), m_held.end(), size,
                         [](std::int64_t value, const Claim& each) { return value < each.size(); });
    m_held.insert(place, {std::move(note), false});
}

// Reads the next note beside the log. One that is damaged hides those that follow it.
void CheckpointCheck::advance() {
    const std::int64_t before = m_ahead ? m_ahead->size() : -1;
    m_ahead.reset();
    try {
        if (auto note = m_beside->next()) m_ahead = Claim{std::move(*note), false};
    } catch (const Error& error) {
        m_findings.tampered(std::nullopt,
                            std::string("the file of checkpoints cannot be read: ") + error.what());
    }
    if (m_ahead && m_ahead->size() <= before) {
        m_findings.tampered(std::nullopt, "the file of checkpoints goes back from " +
                                              std::to_string(before) + " to " +
                                              std::to_string(m_ahead->size()) + " records");
    }
}

// The next claim about at most so many records, from either place.
std::optional<CheckpointCheck::Claim> CheckpointCheck::take(std::int64_t size) {
    const bool hasHeld = m_nextHeld < m_held.size() && m_held[m_nextHeld].size() <= size;
    const bool hasBeside = m_ahead && m_ahead->size() <= size;
    if (hasBeside && !(hasHeld && m_held[m_nextHeld].size() < m_ahead->size())) {
        std::optional<Claim> claim = m_ahead;
        advance();
        return claim;
    }
    if (!hasHeld) return std::nullopt;
    return m_held[m_nextHeld++];
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
    while (const auto claim = take(m_tree.size())) compare(*claim);
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
    std::optional<Claim> largest;  // of those beside the log, which says it all
    while (const auto claim = take(std::numeric_limits<std::int64_t>::max())) {
        if (claim->signedCheckpoint.checkpoint.origin != m_origin) {
            compare(*claim);
        } else if (claim->isHeld) {
            reportCut(*claim);
        } else {
            largest = claim;
        }
    }
    if (largest) reportCut(*largest);
    requireTrustedKey();
    reportUncovered();
}

void CheckpointCheck::reportCut(const Claim& claim) {
    checkSignature(claim);
    report(claim);
    m_findings.add(Outcome::Truncated, std::nullopt,
                   named(claim.signedCheckpoint.checkpoint) +
                       (claim.isHeld ? " that you hold" : " beside the log") +
                       " covers more than the " + std::to_string(m_tree.size()) +
                       " that are there: records were cut off, or an old copy was put in place of "
                       "the log");
}

}  // namespace driftlens::audit
