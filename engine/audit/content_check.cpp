#include "engine/audit/content_check.h"

#include "core/base/text.h"
#include "engine/audit/blob.h"

#include <map>
#include <set>
#include <utility>

namespace driftlens::audit {
namespace {

std::string ofRecord(std::int64_t seq) {
    return " of record " + std::to_string(seq);
}

std::string payloadPart(std::string_view name) {
    return "payload " + inQuotes(name);
}

std::string blobPart(const Sha256& commitment) {
    return "blob " + toHex(commitment);
}

}  // namespace

void ContentCheck::add(const RecordFields& fields, std::int64_t seq) {
    m_isErased = !fields.runId.empty() && erasedBy(fields.runId) > seq;
    checkPayloads(fields, seq);
    checkReferences(fields, seq);
}

// The last erasure of a run; 0 if there is none. Its column is compared with its bytes when the
// verification comes to it.
std::int64_t ContentCheck::erasedBy(const std::string& runId) {
    if (!m_erasures) {
        m_erasures.emplace(m_database,
                           "SELECT coalesce(max(seq), 0) FROM record WHERE run_id = ?1 AND "
                           "record_type = 'erased'");
    }
    m_erasures->reset();
    m_erasures->bindText(1, runId);
    return m_erasures->step() ? m_erasures->integer(0) : 0;
}

// A part that the record commits to is there, or an erasure after the record took it away.
void ContentCheck::checkPresence(std::int64_t seq, const std::string& part, bool isThere) {
    if (isThere && m_isErased) {
        m_findings.tampered(seq, part + ofRecord(seq) + " was erased, and yet it is there");
    } else if (!isThere && m_isErased) {
        ++m_findings.result().erased;
    } else if (!isThere) {
        m_findings.tampered(seq, part + ofRecord(seq) + " is missing");
    }
}

void ContentCheck::checkPayloads(const RecordFields& fields, std::int64_t seq) {
    std::map<std::string, Sha256> missing = fields.commitments;
    if (!m_payloads) {
        m_payloads.emplace(m_database, "SELECT name, salt, bytes FROM payload WHERE seq = ?1");
    }
    Statement& rows = *m_payloads;
    rows.reset();
    rows.bind(1, seq);
    while (rows.step()) {
        const std::string name(rows.text(0));
        const auto committed = missing.find(name);
        if (committed == missing.end()) {
            m_findings.tampered(
                seq, payloadPart(name) + ofRecord(seq) + " is none that the record commits to");
            continue;
        }
        if (committed->second != commitmentOf(rows.blob(1), rows.blob(2))) {
            m_findings.tampered(seq, payloadPart(name) + ofRecord(seq) + " was changed");
        }
        checkPresence(seq, payloadPart(name), true);
        missing.erase(committed);
    }
    for (const auto& [name, commitment] : missing) checkPresence(seq, payloadPart(name), false);
}

void ContentCheck::checkReferences(const RecordFields& fields, std::int64_t seq) {
    if (fields.blobs != blobsIn(fields.body)) {
        m_findings.tampered(seq, "the list of blobs" + ofRecord(seq) + " differs from its body");
    }
    std::set<Sha256> missing(fields.blobs.begin(), fields.blobs.end());
    if (!m_references) {
        m_references.emplace(m_database,
                             "SELECT commitment, salt, digest FROM blob_reference WHERE seq = ?1");
    }
    Statement& rows = *m_references;
    rows.reset();
    rows.bind(1, seq);
    while (rows.step()) {
        const Sha256 commitment = digestFrom(rows.blob(0));
        if (missing.erase(commitment) == 0) {
            m_findings.tampered(
                seq, "a blob reference" + ofRecord(seq) + " is none that the record names");
        } else if (commitment != commitmentOf(rows.blob(1), rows.blob(2))) {
            m_findings.tampered(seq, blobPart(commitment) + ofRecord(seq) + " was exchanged");
        } else {
            checkPresence(seq, blobPart(commitment), true);
        }
    }
    for (const Sha256& commitment : missing) checkPresence(seq, blobPart(commitment), false);
}

void ContentCheck::checkBlobs() {
    Statement rows(m_database, "SELECT digest, dtype, shape, bytes FROM blob NOT INDEXED");
    Statement user(m_database, "SELECT min(seq) FROM blob_reference WHERE digest = ?1");
    while (rows.step()) {
        const Sha256 digest = blobDigest(rows.text(1), rows.text(2), rows.blob(3));
        user.reset();
        user.bindBlob(1, rows.blob(0));
        const std::int64_t seq = user.step() ? user.integer(0) : 0;
        const auto record = seq > 0 ? std::optional(seq) : std::nullopt;
        if (rows.blob(0) != bytesOf(digest)) {
            m_findings.tampered(record, "the bytes of a blob were changed");
        }
        if (!record) m_findings.tampered(record, "a blob is there that no record refers to");
    }
}

void ContentCheck::checkOrphans() {
    Statement references(m_database,
                         "SELECT seq FROM blob_reference WHERE digest NOT IN "
                         "(SELECT digest FROM blob) ORDER BY seq");
    while (references.step()) {
        m_findings.tampered(
            references.integer(0),
            "the blob of a reference" + ofRecord(references.integer(0)) + " is missing");
    }
    for (const char* table : {"payload", "blob_reference"}) {
        Statement rows(m_database, std::string("SELECT seq FROM ") + table +
                                       " WHERE seq NOT IN (SELECT seq FROM record) ORDER BY seq");
        while (rows.step()) {
            m_findings.tampered(rows.integer(0),
                                "a row of table " + std::string(table) + " belongs to record " +
                                    std::to_string(rows.integer(0)) + ", which is not there");
        }
    }
}

void ContentCheck::finish() {
    const std::int64_t erased = m_findings.result().erased;
    if (erased > 0) {
        m_findings.add(Outcome::Erased, std::nullopt,
                       std::to_string(erased) +
                           " payloads and blobs were erased; the commitments to them are intact");
    }
}

}  // namespace driftlens::audit
