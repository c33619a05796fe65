#include "engine/audit/content_check.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/blob.h"

#include <map>
#include <set>
#include <utility>

namespace driftlens::audit {
namespace {

// A hostile file shall not fill the memory with what it lacks.
constexpr std::size_t kMaxMissing = 1'000'000;

std::string ofRecord(std::int64_t seq) {
    return " of record " + std::to_string(seq);
}

}  // namespace

std::string payloadPart(std::string_view name) {
    return "payload " + inQuotes(name);
}

std::string blobPart(const Sha256& commitment) {
    return "blob " + toHex(commitment);
}

void ContentCheck::add(const RecordFields& fields, std::int64_t seq) {
    checkPayloads(fields, seq);
    checkReferences(fields, seq);
    if (fields.type == kErased) applyErasure(fields, seq);
}

void ContentCheck::miss(std::int64_t seq, std::string part) {
    if (m_missing.size() < kMaxMissing) m_missing.emplace(seq, std::move(part));
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
        missing.erase(committed);
    }
    for (const auto& [name, commitment] : missing) miss(seq, payloadPart(name));
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
        }
    }
    for (const Sha256& commitment : missing) miss(seq, blobPart(commitment));
}

void ContentCheck::applyErasure(const RecordFields& fields, std::int64_t seq) {
    const JsonObject body(fields.body, "an erasure");
    const Json* erased = body.find("erased");
    if (!erased || !erased->is_array()) {
        throw Error(ErrorKind::InputFile, "an erasure without a list");
    }
    for (const Json& each : *erased) {
        const JsonObject item(each, "an erasure");
        const std::int64_t record = item.integer("record", 1, seq);
        const std::string part = item.string("part");
        if (m_missing.erase(Part{record, part}) > 0) {
            ++m_findings.result().erased;
        } else {
            m_findings.tampered(record, part + ofRecord(record) + " was erased by record " +
                                            std::to_string(seq) + ", and yet it is there");
        }
    }
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
    for (const auto& [seq, part] : m_missing) {
        m_findings.tampered(seq, part + ofRecord(seq) + " is missing");
    }
    const std::int64_t erased = m_findings.result().erased;
    if (erased > 0) {
        m_findings.add(Outcome::Erased, std::nullopt,
                       std::to_string(erased) +
                           " payloads and blobs were erased; the commitments to them are intact");
    }
}

}  // namespace driftlens::audit
