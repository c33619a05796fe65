// audit verify, prove and verify-proof: what an auditor asks.
#include "app/audit_commands.h"
#include "app/commands.h"
#include "core/base/text.h"
#include "engine/audit/proof.h"
#include "engine/audit/words.h"

#include <iostream>

namespace driftlens {
namespace {

Json checkpointJson(const std::optional<AuditCheckpoint>& checkpoint) {
    if (!checkpoint) return nullptr;
    return {{"origin", checkpoint->origin},
            {"size", checkpoint->size},
            {"root", checkpoint->root},
            {"key", checkpoint->key.empty() ? Json(nullptr) : Json(checkpoint->key)},
            {"held", checkpoint->isHeld}};
}

Json timestampsJson(const std::vector<AuditTimestamp>& timestamps) {
    Json out = Json::array();
    for (const AuditTimestamp& stamp : timestamps) {
        out.push_back({{"record", stamp.record},
                       {"size", stamp.size},
                       {"time", stamp.time},
                       {"authority", stamp.authority},
                       {"trusted", stamp.isTrusted}});
    }
    return out;
}

Json verificationJson(const AuditVerification& found) {
    Json findings = Json::array();
    for (const AuditFinding& finding : found.findings) {
        findings.push_back({{"record", finding.record ? Json(*finding.record) : Json(nullptr)},
                            {"what", finding.what}});
    }
    return {
        {"schema", "driftlens/audit-verify/1"},
        {"status", found.status},
        {"records", found.records},
        {"first_bad_record", found.firstBadRecord ? Json(*found.firstBadRecord) : Json(nullptr)},
        {"findings", findings},
        {"checkpoint", checkpointJson(found.checkpoint)},
        {"head", found.head},
        {"unmatched_starts", found.unmatchedStarts},
        {"unsigned_records", found.unsignedRecords},
        {"signed_late", found.signedLate},
        {"erased", found.erased},
        {"clock_set_back", found.clockSetBack},
        {"timestamps", timestampsJson(found.timestamps)},
        {"cannot_detect", found.cannotDetect}};
}

AuditTrust readTrust(const VerbOptions& options) {
    AuditTrust trust;
    if (options.has("checkpoint")) trust.checkpointFile = options.text("checkpoint");
    if (options.has("pubkey")) trust.publicKeyFile = options.text("pubkey");
    if (options.has("ca")) trust.certificateFile = options.text("ca");
    return trust;
}

std::string proofText(const AuditProofCheck& check) {
    std::string text = "status   " + check.status + "\nrecord   " + std::to_string(check.record) +
                       ", " + check.type + (check.runId.empty() ? "" : " of run " + check.runId) +
                       ", " + check.timeUtc + "\nsigned   " + std::to_string(check.size) +
                       " records\n";
    for (const std::string& finding : check.findings) text += finding + "\n";
    return text;
}

}  // namespace

int verifyLog(const VerbOptions& options, const std::string& file) {
    const AuditVerification found = verifyAuditLog(file, readTrust(options));
    emit(options,
         options.flag("json") ? verificationJson(found).dump(1) + "\n" : verificationText(found));
    return exitCodeOf(found.status);
}

int proveRecord(const VerbOptions& options, const std::string& file, const std::string& record) {
    const std::int64_t seq = parseInteger(record, "the record");
    const std::optional<Json> proof =
        AuditLog::openForReading(file)->proof(seq, readTrust(options).checkpointFile);
    if (!proof) {
        std::cerr << "driftlens: " << file << ": no checkpoint covers record " << seq
                  << "; whoever has its key signs the log by writing to it\n";
        return exitCodeOf("unsigned");
    }
    emit(options, proof->dump(1) + "\n");
    return kExitFine;
}

int verifyProof(const VerbOptions& options, const std::string& file) {
    const AuditProofCheck check = checkAuditProof(file, readTrust(options));
    const Json json = {{"schema", "driftlens/audit-verify-proof/1"},
                       {"status", check.status},
                       {"record", check.record},
                       {"type", check.type},
                       {"run", check.runId},
                       {"time", check.timeUtc},
                       {"tree_size", check.size},
                       {"findings", check.findings}};
    emit(options, options.flag("json") ? json.dump(1) + "\n" : proofText(check));
    return exitCodeOf(check.status);
}

}  // namespace driftlens
