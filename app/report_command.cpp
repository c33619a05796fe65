// report: from the log, or from a report's JSON, to every format.
#include "app/commands.h"
#include "app/report_output.h"
#include "core/base/digest.h"
#include "core/base/text.h"
#include "core/files/mapped_file.h"
#include "engine/audit/log.h"
#include "reports/document/document.h"
#include "reports/document/json_view.h"
#include "reports/document/schema.h"
#include "reports/document/sections.h"
#include "reports/export/signed_report.h"
#include "reports/writers/in_toto.h"
#include "reports/writers/registry.h"

#include <algorithm>
#include <iostream>

namespace driftlens {
namespace {

std::string lastComparison(const AuditLog& log, const std::string& file) {
    const std::vector<RunSummary> runs = log.runs();
    const auto found = std::find_if(runs.rbegin(), runs.rend(), &isReportable);
    if (found == runs.rend())
        throw Error(ErrorKind::Usage, file + ": the log has no finished comparison");
    return found->runId;
}

ReportTarget targetOf(const VerbOptions& options) {
    if (options.flag("json") && options.has("format") && options.text("format") != "json")
        throw Error(ErrorKind::Usage, "--json contradicts --format " +
                                          inQuotes(options.text("format")) +
                                          "; leave one of them out");
    return reportTarget(options.optional("out"), options.flag("json")
                                                     ? std::optional<std::string>("json")
                                                     : options.optional("format"));
}

bool isSigned(const VerbOptions& options) {
    if (const auto format = options.optional("format")) return *format == kSignedFormat;
    return options.optional("out").value_or("").ends_with(kEnvelopeExtension);
}

// Only what the log itself gives is signed with its key, never what a file says.
void requireSignable(const VerbOptions& options) {
    if (options.has("from"))
        throw Error(ErrorKind::Usage,
                    "--format dsse signs what the log itself gives; leave --from out");
    if (options.flag("json"))
        throw Error(ErrorKind::Usage, "--json contradicts --format dsse; leave one of them out");
}

// Every JSON of a report that a log gave is on record with its digest: any other was changed since,
// or comes from elsewhere.
void requireExported(const std::string& logFile, const std::string& file,
                     const std::string& bytes) {
    const std::string digest = toHex(sha256(bytes));
    const std::vector<AuditRecord> records = AuditLog::openForReading(logFile)->records();
    const bool isKnown =
        std::any_of(records.begin(), records.end(), [&](const AuditRecord& record) {
            return record.type == "exported" && record.body.value("sha256", "") == digest &&
                   record.body.value("format", "") == "driftlens/report/json";
        });
    if (!isKnown)
        throw Error(ErrorKind::Tampered, file + ": " + logFile +
                                             " has no record of a report with these bytes: it was "
                                             "changed, or is of another log; leave the log out to "
                                             "show it all the same");
}

void writeSigned(const LoggedRun& run, const std::vector<std::string>& sections,
                 const std::string& file) {
    const std::string envelope = signedReport(run, sections, file);
    if (!file.empty()) return writeFileAtomically(file, envelope);
    std::cout << envelope << std::flush;
    if (!std::cout) throw Error(ErrorKind::Io, "standard output cannot be written");
}

void addReportOptions(VerbOptions& options) {
    const std::string formats = reportWriterIds() +
                                ", dsse (the in-toto statement, signed with the log's key); by "
                                "default as --out is named";
    const std::string sections = "only this one (repeatable): " + reportSectionIds();
    options.add("Report").add_options()("format", po::value<std::string>(), formats.c_str())(
        "section", po::value<std::vector<std::string>>()->composing(), sections.c_str())(
        "from", po::value<std::string>(),
        "make it from the JSON of a report; a log that is given, too, must have given that JSON, "
        "and puts this on record")("schema", po::bool_switch(),
                                   "print the JSON Schema of reports, and stop");
    addOutputOptions(options,
                     "write to a file; a name without an ending is a folder for all "
                     "formats and a CSV file per table");
}

}  // namespace

int runReport(const Arguments& arguments) {
    VerbOptions options("report LOG [RUN] | --from FILE.json",
                        "The report of a logged comparison (the last one by default), made from "
                        "what the log holds; or any format again from a report's JSON. audit show "
                        "prints the records of any run.",
                        "driftlens report audit.db --out report.html");
    options.positional("what", -1);
    addReportOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    if (options.flag("schema")) {
        emit(options, std::string(reportSchema()));
        return kExitFine;
    }
    const std::vector<std::string> what = options.list("what");
    const bool isFromFile = options.has("from");
    if (what.size() > 2 || (what.empty() && !isFromFile))
        throw Error(ErrorKind::Usage, "report takes LOG and, if wanted, RUN; or --from FILE.json");
    const std::vector<std::string> sections = options.list("section");
    const bool mustSign = isSigned(options);
    if (mustSign) requireSignable(options);
    ReportTarget target = mustSign ? ReportTarget{} : targetOf(options);
    target.isOfTheLog = !isFromFile;
    std::optional<LoggedRun> run;
    Json report;
    if (isFromFile) {
        const std::string file = options.text("from");
        const std::string bytes = readFileText(file);
        report = withSections(readReport(bytes, file), sections);
        if (!what.empty()) requireExported(what[0], file, bytes);
        const std::string runId =
            what.size() == 2 ? what[1] : textOf(valueAt(report, "/evidence/run"));
        if (!what.empty()) run = {what[0], runId};
    } else {
        const auto log = AuditLog::openForReading(what[0]);
        run = {what[0], what.size() == 2 ? what[1] : lastComparison(*log, what[0])};
        if (mustSign) {
            writeSigned(*run, sections, options.optional("out").value_or(""));
            return kExitFine;
        }
        report = reportOfRun(*run, sections);
    }
    emitReport(report, target, run);
    return kExitFine;
}

}  // namespace driftlens
