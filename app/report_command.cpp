// report: from the log to a document.
#include "app/commands.h"
#include "app/report_output.h"
#include "core/base/digest.h"
#include "core/base/text.h"
#include "engine/compare/record.h"
#include "reports/writers/html.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

LogEvidence evidenceOf(const std::string& file, const std::string& runId) {
    const auto log = AuditLog::openForReading(file);
    const AuditVerification verification = verifyAuditLog(file);
    LogEvidence out;
    out.logFile = fs::path(file).filename().string();
    out.logId = log->logId();
    out.runId = runId;
    const std::vector<AuditRecord> records = log->records(runId);
    if (!records.empty()) {
        out.firstRecord = records.front().seq;
        out.lastRecord = records.back().seq;
    }
    out.head = verification.head;
    out.status = verification.status + ", " + std::to_string(verification.records) + " records";
    return out;
}

std::string lastComparison(const AuditLog& log, const std::string& file) {
    const std::vector<RunSummary> runs = log.runs();
    const auto found = std::find_if(runs.rbegin(), runs.rend(), [](const RunSummary& run) {
        return run.verb == "compare" && run.status == "finished";
    });
    if (found == runs.rend())
        throw Error(ErrorKind::Usage, file + ": the log has no finished comparison");
    return found->runId;
}

}  // namespace

std::string reportFormatOf(const std::string& file) {
    const std::string extension = fs::path(file).extension().string();
    if (extension == ".html" || extension == ".json") return extension.substr(1);
    throw Error(ErrorKind::Usage,
                file + ": a report is written as .html or .json, not " + inQuotes(extension));
}

std::string reportText(const Comparison& comparison, const std::string& command,
                       const Json& environment, const std::optional<std::string>& logFile,
                       const std::string& format) {
    ReportDocument document = makeReport(comparison, command, environment);
    if (logFile) document.evidence = evidenceOf(*logFile, comparison.runId);
    return format == "json" ? toJson(document).dump(1) + "\n" : toHtml(document);
}

void recordReport(const std::string& logFile, const std::string& runId, const std::string& format,
                  const std::string& text, const std::string& file) {
    const std::string place =
        file.empty() ? "(standard output)" : fs::absolute(file).lexically_normal().string();
    try {
        AuditLog::openForWriting(logFile)->addReportExport(
            {runId, format, place, toHex(sha256(text))});
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Io && error.kind() != ErrorKind::Tampered) throw;
        std::cerr << "driftlens: this report is not on record: " << error.what() << "\n";
    }
}

int runReport(const Arguments& arguments) {
    VerbOptions options("report LOG [RUN]",
                        "The report of a logged comparison (the last one by default), made from "
                        "what the log holds. audit show prints the records of any run.",
                        "driftlens report audit.db --out report.html");
    options.positional("what", -1);
    options.add("Report").add_options()("format", po::value<std::string>()->default_value("html"),
                                        "html or json; by default as the name of --out says");
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    const std::vector<std::string> what = options.list("what");
    if (what.empty() || what.size() > 2)
        throw Error(ErrorKind::Usage, "report takes LOG and, if wanted, RUN");
    std::string format = options.text("format");
    if (!options.has("format") && options.has("out")) format = reportFormatOf(options.text("out"));
    if (options.flag("json")) format = "json";
    if (format != "html" && format != "json")
        throw Error(ErrorKind::Usage, "--format " + inQuotes(format) + ": html or json");
    const auto log = AuditLog::openForReading(what[0]);
    const std::string runId = what.size() == 2 ? what[1] : lastComparison(*log, what[0]);
    const Comparison comparison = readComparison(*log, runId);
    const Json environment = log->records(runId).front().body.value("environment", Json::object());
    const std::string text = reportText(comparison, "driftlens report " + what[0] + " " + runId,
                                        environment, what[0], format);
    recordReport(what[0], runId, format, text, options.has("out") ? options.text("out") : "");
    emit(options, text);
    return kExitFine;
}

}  // namespace driftlens
