// audit: reading and checking the log.
#include "app/commands.h"
#include "core/base/text.h"

#include <array>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace driftlens {
namespace {

std::string recordText(const AuditRecord& record) {
    return std::to_string(record.seq) + " " + record.timeUtc + " " + record.type + " " +
           record.runId + "\n  leaf " + toHex(record.leaf) + "\n  " + record.body.dump() + "\n";
}

Json recordJson(const AuditRecord& record) {
    return {{"seq", record.seq},      {"type", record.type},        {"run", record.runId},
            {"time", record.timeUtc}, {"leaf", toHex(record.leaf)}, {"body", record.body}};
}

int listRuns(const VerbOptions& options, const std::string& file) {
    Json rows = Json::array();
    std::ostringstream text;
    for (const RunSummary& run : AuditLog::openForReading(file)->runs()) {
        rows.push_back({{"run", run.runId},
                        {"verb", run.verb},
                        {"started", run.startedUtc},
                        {"status", run.status},
                        {"first_record", run.firstSeq},
                        {"records", run.records}});
        text << run.runId << "  " << run.startedUtc << "  " << std::left << std::setw(10)
             << run.verb << std::setw(10) << run.status << run.records << " records\n";
    }
    emit(options, options.flag("json")
                      ? Json({{"schema", "driftlens/audit-list/1"}, {"runs", rows}}).dump(1) + "\n"
                      : text.str());
    return kExitFine;
}

int showRun(const VerbOptions& options, const std::string& file, const std::string& runId) {
    const auto log = AuditLog::openForReading(file);
    const std::vector<AuditRecord> records = log->records(runId);
    if (records.empty()) throw Error(ErrorKind::Usage, file + ": no run " + inQuotes(runId));
    Json rows = Json::array();
    std::string text;
    for (const AuditRecord& record : records) {
        rows.push_back(recordJson(record));
        text += recordText(record);
    }
    emit(options, options.flag("json") ? Json({{"schema", "driftlens/audit-show/1"},
                                               {"log_id", log->logId()},
                                               {"records", rows}})
                                                 .dump(1) +
                                             "\n"
                                       : text);
    return kExitFine;
}

// Exit codes that are outcomes of a verification alone; the others are those of error kinds.
constexpr int kExitTruncated = 6;
constexpr int kExitUnsigned = 10;

int exitCodeOf(const std::string& status) {
    const std::array<std::pair<std::string_view, int>, 6> codes = {
        {{"ok", kExitFine},
         {"tampered", exitCode(ErrorKind::Tampered)},
         {"truncated", kExitTruncated},
         {"unsigned", kExitUnsigned},
         {"erased", exitCode(ErrorKind::Erased)},
         {"unreadable", exitCode(ErrorKind::InputFile)}}};
    for (const auto& [name, code] : codes) {
        if (name == status) return code;
    }
    return exitCode(ErrorKind::Internal);
}

Json checkpointJson(const std::optional<AuditCheckpoint>& checkpoint) {
    if (!checkpoint) return nullptr;
    return {{"origin", checkpoint->origin},
            {"size", checkpoint->size},
            {"root", checkpoint->root},
            {"key", checkpoint->key.empty() ? Json(nullptr) : Json(checkpoint->key)},
            {"held", checkpoint->isHeld}};
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
        {"cannot_detect", found.cannotDetect}};
}

std::string verificationText(const AuditVerification& found) {
    std::string text = "status   " + found.status + "\nrecords  " + std::to_string(found.records) +
                       "\nhead     " + found.head + "\n";
    if (const auto& checkpoint = found.checkpoint) {
        text += "signed   " + std::to_string(checkpoint->size) + " records, root " +
                checkpoint->root + (checkpoint->isHeld ? ", checkpoint that you hold" : "") +
                "\nkey      " + (checkpoint->key.empty() ? "none that fits" : checkpoint->key) +
                "\n";
    }
    if (found.unmatchedStarts > 0) {
        text +=
            "runs that started and never ended: " + std::to_string(found.unmatchedStarts) + "\n";
    }
    if (found.signedLate > 0) {
        text += "times that records were signed later than written: " +
                std::to_string(found.signedLate) + "\n";
    }
    for (const AuditFinding& finding : found.findings) {
        text += (finding.record ? "record " + std::to_string(*finding.record) + ": " : "") +
                finding.what + "\n";
    }
    text += "This check cannot detect:\n";
    for (const std::string& limit : found.cannotDetect) text += "  - " + limit + "\n";
    return text;
}

int verify(const VerbOptions& options, const std::string& file) {
    AuditTrust trust;
    if (options.has("checkpoint")) trust.checkpointFile = options.text("checkpoint");
    if (options.has("pubkey")) trust.publicKeyFile = options.text("pubkey");
    const AuditVerification found = verifyAuditLog(file, trust);
    emit(options,
         options.flag("json") ? verificationJson(found).dump(1) + "\n" : verificationText(found));
    return exitCodeOf(found.status);
}

// Creates the log if there is none; prints what an auditor should keep elsewhere.
int init(const VerbOptions& options, const std::string& file) {
    const auto log = AuditLog::openForWriting(file);
    const std::string key = log->publicKey();
    const Json json = {{"schema", "driftlens/audit-init/1"},
                       {"log_id", log->logId()},
                       {"public_key", key.empty() ? Json(nullptr) : Json(key)},
                       {"checkpoint", log->newestCheckpoint()}};
    emit(options, options.flag("json") ? json.dump(1) + "\n"
                                       : "log      " + log->logId() + "\nkey      " +
                                             (key.empty() ? "none: this log is unsigned" : key) +
                                             "\n\n" + log->newestCheckpoint());
    return kExitFine;
}

int printKey(const VerbOptions& options, const std::string& file) {
    const std::string key = AuditLog::openForReading(file)->publicKey();
    if (key.empty()) throw Error(ErrorKind::Unsupported, file + ": this log has no key");
    emit(options, key + "\n");
    return kExitFine;
}

int printCheckpoint(const VerbOptions& options, const std::string& file) {
    const std::string note = AuditLog::openForReading(file)->newestCheckpoint();
    if (note.empty()) throw Error(ErrorKind::InputFile, file + ": no checkpoint is beside it");
    emit(options, note);
    return kExitFine;
}

struct AuditVerb {
    std::string_view name;
    int (*run)(const VerbOptions& options, const std::string& file);
};

constexpr std::array<AuditVerb, 5> kAuditVerbs = {{{"init", &init},
                                                   {"list", &listRuns},
                                                   {"verify", &verify},
                                                   {"key", &printKey},
                                                   {"checkpoint", &printCheckpoint}}};

}  // namespace

int runAudit(const Arguments& arguments) {
    VerbOptions options(
        "audit init|list|show|verify|key|checkpoint LOG [RUN]",
        "The audit log. init creates one; key and checkpoint print what an auditor keeps elsewhere "
        "and\ngives to verify. verify exits with 0 ok, 5 tampered, 6 truncated, 10 unsigned, 7 "
        "erased, 3\nunreadable. prove, export, erase and retention are not built yet.",
        "driftlens audit verify audit.db --checkpoint held.txt --pubkey audit.pub");
    options.positional("what", -1);
    options.add("Verifying")
        .add_options()("checkpoint", po::value<std::string>(),
                       "signed notes that were kept elsewhere")(
            "pubkey", po::value<std::string>(), "the log's key, as audit key prints it");
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    const std::vector<std::string> what = options.list("what");
    if (what.size() == 3 && what[0] == "show") return showRun(options, what[1], what[2]);
    for (const AuditVerb& verb : kAuditVerbs) {
        if (what.size() == 2 && what[0] == verb.name) return verb.run(options, what[1]);
    }
    throw Error(ErrorKind::Usage,
                "audit takes: init, list, verify, key or checkpoint with LOG; show with LOG RUN");
}

}  // namespace driftlens
