#include "engine/audit/proof.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/checkpoint.h"
#include "engine/audit/log.h"
#include "engine/audit/log_state.h"
#include "engine/audit/merkle.h"
#include "engine/audit/record.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace driftlens {
namespace {

using namespace audit;

constexpr std::string_view kProofSchema = "driftlens/audit-proof/1";
constexpr std::size_t kMaxProofHashes = 64;

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
    throw Error(ErrorKind::Tampered, name + ": " + what + "; run audit verify");
}

// The leaves of the first `size` records, from their bytes.
std::vector<Sha256> leavesOf(Database& database, std::int64_t size, const std::string& name) {
    std::vector<Sha256> leaves;
    Statement rows(database,
                   "SELECT seq, rec FROM record NOT INDEXED WHERE seq <= ?1 ORDER BY seq");
    rows.bind(1, size);
    while (rows.step()) {
        leaves.push_back(leafOf(rows.blob(1)));
        if (rows.integer(0) != static_cast<std::int64_t>(leaves.size())) break;
    }
    if (static_cast<std::int64_t>(leaves.size()) != size) {
        refuse(name, "it lacks records that its checkpoint of " + std::to_string(size) + " covers");
    }
    return leaves;
}

std::string recordBytes(Database& database, std::int64_t seq, const std::string& name) {
    Statement row(database, "SELECT rec FROM record NOT INDEXED WHERE seq = ?1");
    if (!row.bind(1, seq).step()) {
        throw Error(ErrorKind::Usage,
                    name + ": it has no record " + std::to_string(seq) + "; audit show lists them");
    }
    std::string rec(row.blob(0));
    try {
        parseRecord(rec);
    } catch (const Error& error) {
        refuse(name, "record " + std::to_string(seq) + ": " + error.what());
    }
    return rec;
}

std::vector<SignedCheckpoint> notesIn(const std::filesystem::path& file) {
    return parseCheckpoints(readFileText(file), file.string());
}

std::optional<SignedCheckpoint> lastCovering(std::vector<SignedCheckpoint> notes, std::int64_t seq,
                                             const std::string& origin) {
    for (auto note = notes.rbegin(); note != notes.rend(); ++note) {
        if (note->checkpoint.origin != origin) {
            throw Error(ErrorKind::InputFile, "a checkpoint of " +
                                                  inQuotes(note->checkpoint.origin) +
                                                  " is none of this log, " + inQuotes(origin));
        }
        if (note->checkpoint.size >= seq) return std::move(*note);
    }
    return std::nullopt;
}

Json hexOf(const std::vector<Sha256>& hashes) {
    Json list = Json::array();
    for (const Sha256& hash : hashes) list.push_back(toHex(hash));
    return list;
}

std::vector<Sha256> hashesIn(const Json& list) {
    if (!list.is_array() || list.size() > kMaxProofHashes) {
        throw Error(ErrorKind::InputFile, "\"proof\" is no list of up to 64 hashes");
    }
    std::vector<Sha256> hashes;
    for (const Json& hex : list) {
        if (!hex.is_string()) throw Error(ErrorKind::InputFile, "\"proof\" holds no hashes");
        hashes.push_back(digestFrom(bytesOf(fromHex(hex.get_ref<const std::string&>()))));
    }
    return hashes;
}

// A proof file, as values.
struct InclusionProof {
    std::string rec;
    RecordFields fields;
    std::vector<Sha256> hashes;
    SignedCheckpoint signedCheckpoint;
};

InclusionProof readProof(const std::filesystem::path& file) {
    const Json json = readJsonFile(file, {.maxBytes = std::size_t{256} << 20});
    const JsonObject object(json, "proof");
    if (object.string("schema") != kProofSchema) {
        throw Error(ErrorKind::InputFile, "its schema is not " + std::string(kProofSchema));
    }
    InclusionProof proof;
    proof.rec = object.string("rec");
    proof.fields = parseRecord(proof.rec);
    const Json* hashes = object.find("proof");
    proof.hashes = hashesIn(hashes ? *hashes : Json());
    proof.signedCheckpoint = parseCheckpoint(object.string("checkpoint"));
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    const bool isWhole =
        object.integer("tree_size", 1, kMax) == proof.signedCheckpoint.checkpoint.size &&
        object.integer("record", 1, kMax) == proof.fields.seq && object.value().size() == 6;
    if (!isWhole) throw Error(ErrorKind::InputFile, "its members contradict each other");
    return proof;
}

void compareWithHeld(const InclusionProof& proof, const std::filesystem::path& held,
                     std::vector<std::string>& findings) {
    const Checkpoint& own = proof.signedCheckpoint.checkpoint;
    bool isFound = false;
    for (const SignedCheckpoint& note : notesIn(held)) {
        if (note.checkpoint.size != own.size) continue;
        isFound = true;
        if (note.checkpoint != own) {
            findings.push_back("its checkpoint differs from the one of " +
                               std::to_string(own.size) + " records that you hold");
        }
    }
    if (!isFound) {
        findings.push_back("you hold no checkpoint of " + std::to_string(own.size) +
                           " records to compare with: ask for a proof made with --checkpoint");
    }
}

}  // namespace

std::optional<Json> AuditLog::proof(std::int64_t seq,
                                    const std::optional<std::filesystem::path>& held) const {
    const std::string& name = m_state->name;
    Transaction snapshot(m_state->database, Transaction::Mode::Read);
    std::string rec = recordBytes(m_state->database, seq, name);
    // Read after the snapshot has begun: no checkpoint in it can be newer.
    std::vector<SignedCheckpoint> notes;
    if (held) {
        notes = notesIn(*held);
    } else if (const std::string newest = newestCheckpoint(); !newest.empty()) {
        notes.push_back(parseCheckpoint(newest));
    }
    const auto note = lastCovering(std::move(notes), seq, originOf(m_state->logId));
    if (!note) return std::nullopt;
    const std::int64_t size = note->checkpoint.size;
    const std::vector<Sha256> leaves = leavesOf(m_state->database, size, name);
    if (merkleRoot(leaves) != note->checkpoint.root) {
        refuse(name, "its records are not those that its checkpoint of " + std::to_string(size) +
                         " vouches for");
    }
    const auto index = static_cast<std::size_t>(seq - 1);
    return Json{{"schema", std::string(kProofSchema)},
                {"record", seq},
                {"rec", std::move(rec)},
                {"tree_size", size},
                {"proof", hexOf(inclusionProof(leaves, index))},
                {"checkpoint", note->note}};
}

AuditProofCheck checkAuditProof(const std::filesystem::path& file, const AuditTrust& trust) {
    if (!trust.publicKeyFile && !trust.checkpointFile) {
        throw Error(ErrorKind::Usage,
                    "a proof is checked against something that you hold: give --pubkey or "
                    "--checkpoint");
    }
    InclusionProof proof;
    try {
        proof = readProof(file);
    } catch (const Error& error) {
        throw Error(ErrorKind::InputFile,
                    inQuotes(file.string(), 200) + ": it is no proof (" + error.what() + ")");
    }
    const Checkpoint& checkpoint = proof.signedCheckpoint.checkpoint;
    AuditProofCheck check;
    check.record = proof.fields.seq;
    check.type = proof.fields.type;
    check.runId = proof.fields.runId;
    check.timeUtc = proof.fields.time;
    check.size = checkpoint.size;
    if (!isIncluded(leafOf(proof.rec), proof.fields.seq - 1, checkpoint.size, proof.hashes,
                    checkpoint.root)) {
        check.findings.emplace_back("the hashes do not lead from the record to the checkpoint");
    }
    if (originOf(proof.fields.logId) != checkpoint.origin) {
        check.findings.emplace_back("the checkpoint is one of " + inQuotes(checkpoint.origin) +
                                    ", the record of another log");
    }
    if (trust.publicKeyFile &&
        !proof.signedCheckpoint.isSignedBy(readKeyFile(*trust.publicKeyFile))) {
        check.findings.emplace_back("the checkpoint is not signed by the key that you gave");
    }
    if (trust.checkpointFile) compareWithHeld(proof, *trust.checkpointFile, check.findings);
    check.status = check.findings.empty() ? "ok" : "tampered";
    return check;
}

}  // namespace driftlens
