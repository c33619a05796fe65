#include "reports/document/evidence.h"

#include "core/base/error.h"
#include "engine/audit/log.h"

#include <algorithm>
#include <vector>

namespace driftlens {
namespace {

// The figures of a whole data set; every other result is of one example.
bool isAggregate(const AuditRecord& record) {
    return record.type == "example_result" && record.body.contains("aggregate");
}

std::vector<std::int64_t> provedRecords(const std::vector<AuditRecord>& records) {
    std::vector<std::int64_t> out;
    for (const AuditRecord& record : records) {
        const bool isEnd = &record == &records.front() || &record == &records.back();
        if (records.size() <= kMostProofs || isEnd || isAggregate(record))
            out.push_back(record.seq);
    }
    return out;
}

// A log that was changed has no proofs; its status says so.
Json proofsOf(const AuditLog& log, const std::vector<std::int64_t>& proved, std::string& note) {
    Json out = Json::array();
    for (const std::int64_t seq : proved) {
        try {
            if (const std::optional<Json> proof = log.proof(seq)) out.push_back(*proof);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::Tampered) throw;
            note = "There are no proofs: the records are not those of the checkpoint.";
            return Json::array();
        }
    }
    if (out.size() < proved.size())
        note = "No checkpoint covers some of the records: they have no proof.";
    return out;
}

}  // namespace

Json reportEvidence(const std::filesystem::path& logFile, const std::string& runId) {
    const auto log = AuditLog::openForReading(logFile);
    const AuditVerification verification = verifyAuditLog(logFile);
    const std::vector<AuditRecord> records = log->records(runId);
    Json rows = Json::array();
    for (const AuditRecord& record : records) {
        rows.push_back({{"seq", record.seq},
                        {"type", record.type},
                        {"time", record.timeUtc},
                        {"leaf", toHex(record.leaf)}});
    }
    const std::vector<std::int64_t> proved = provedRecords(records);
    std::string note = proved.size() == records.size()
                           ? "Every record of the run is proved."
                           : "The run has " + std::to_string(records.size()) +
                                 " records: its first, its last and its aggregate are proved here; "
                                 "driftlens audit prove proves any other.";
    const Json proofs = proofsOf(*log, proved, note);
    Json findings = Json::array();
    for (const AuditFinding& finding : verification.findings) findings.push_back(finding.what);
    const auto orNull = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    return {
        {"log", logFile.filename().string()},
        {"log_id", log->logId()},
        {"run", runId},
        {"first_record", records.empty() ? 0 : records.front().seq},
        {"last_record", records.empty() ? 0 : records.back().seq},
        {"head", verification.head},
        {"status", verification.status + ", " + std::to_string(verification.records) + " records"},
        {"findings", findings},
        {"unmatched_starts", verification.unmatchedStarts},
        {"checkpoint", orNull(log->newestCheckpoint())},
        {"public_key", orNull(log->publicKey())},
        {"records", rows},
        {"proofs", proofs},
        {"proofs_note", note}};
}

}  // namespace driftlens
