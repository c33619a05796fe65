// report: from the log, or from a report's JSON, to every format.
#include "app/commands.h"
#include "app/report_output.h"
#include "core/base/text.h"
#include "engine/audit/log.h"
#include "reports/document/document.h"
#include "reports/document/json_view.h"
#include "reports/document/schema.h"
#include "reports/document/sections.h"
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

void addReportOptions(VerbOptions& options) {
    const std::string formats = reportWriterIds() + "; by default as --out is named";
    const std::string sections = "only this one (repeatable): " + reportSectionIds();
    options.add("Report").add_options()("format", po::value<std::string>(), formats.c_str())(
        "section", po::value<std::vector<std::string>>()->composing(), sections.c_str())(
        "from", po::value<std::string>(),
        "make it from the JSON of a report; a log that is given, too, puts that on record")(
        "schema", po::bool_switch(), "print the JSON Schema of reports, and stop");
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
    const ReportTarget target = targetOf(options);
    std::optional<LoggedRun> run;
    Json report;
    if (isFromFile) {
        const std::string file = options.text("from");
        report = withSections(readReport(readFileText(file), file), sections);
        const std::string runId =
            what.size() == 2 ? what[1] : textOf(valueAt(report, "/evidence/run"));
        if (!what.empty()) run = {what[0], runId};
    } else {
        const auto log = AuditLog::openForReading(what[0]);
        run = {what[0], what.size() == 2 ? what[1] : lastComparison(*log, what[0])};
        report = reportOfRun(*run, sections);
    }
    emitReport(report, target, run);
    return kExitFine;
}

}  // namespace driftlens
