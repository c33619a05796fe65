// audit: reading and checking the log.
#include "app/commands.h"
#include "core/base/text.h"

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

int verify(const VerbOptions& options, const std::string& file) {
    const AuditVerification found = verifyAuditLog(file);
    Json findings = Json::array();
    std::string text = "status   " + found.status + "\nrecords  " + std::to_string(found.records) +
                       "\nhead     " + found.head + "\n";
    if (found.unmatchedStarts > 0) {
        text +=
            "runs that started and never ended: " + std::to_string(found.unmatchedStarts) + "\n";
    }
    for (const AuditFinding& finding : found.findings) {
        findings.push_back({{"record", finding.record ? Json(*finding.record) : Json(nullptr)},
                            {"what", finding.what}});
        text += (finding.record ? "record " + std::to_string(*finding.record) + ": " : "") +
                finding.what + "\n";
    }
    text += "This check cannot detect:\n";
    for (const std::string& limit : found.cannotDetect) text += "  - " + limit + "\n";
    const Json json = {
        {"schema", "driftlens/audit-verify/1"},
        {"status", found.status},
        {"records", found.records},
        {"first_bad_record", found.firstBadRecord ? Json(*found.firstBadRecord) : Json(nullptr)},
        {"findings", findings},
        {"checkpoint", nullptr},
        {"head", found.head},
        {"unmatched_starts", found.unmatchedStarts},
        {"cannot_detect", found.cannotDetect}};
    emit(options, options.flag("json") ? json.dump(1) + "\n" : text);
    if (found.status == "ok") return kExitFine;
    return exitCode(found.status == "unreadable" ? ErrorKind::InputFile : ErrorKind::Tampered);
}

}  // namespace

int runAudit(const Arguments& arguments) {
    VerbOptions options("audit list|show|verify LOG [RUN]",
                        "Reads the audit log. init, export and erase are not built yet.",
                        "driftlens audit verify audit.db --json");
    options.positional("what", -1);
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    const std::vector<std::string> what = options.list("what");
    if (what.size() == 2 && what[0] == "list") return listRuns(options, what[1]);
    if (what.size() == 3 && what[0] == "show") return showRun(options, what[1], what[2]);
    if (what.size() == 2 && what[0] == "verify") return verify(options, what[1]);
    throw Error(ErrorKind::Usage, "audit takes: list LOG, show LOG RUN, or verify LOG");
}

}  // namespace driftlens
