#include "reports/export/report_export.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/files/mapped_file.h"
#include "engine/audit/log.h"
#include "engine/compare/explain.h"
#include "engine/compare/record.h"
#include "reports/document/document.h"
#include "reports/document/evidence.h"
#include "reports/export/signed_report.h"
#include "reports/layout/report_layout.h"
#include "reports/writers/in_toto.h"
#include "reports/writers/registry.h"
#include "reports/writers/report_csv.h"

#include <filesystem>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

bool namesFolder(const std::string& place) {
    std::error_code status;
    return place.ends_with('/') || fs::is_directory(place, status) ||
           fs::path(place).extension().empty();
}

void makeFolder(const std::string& folder) {
    std::error_code status;
    fs::create_directories(folder, status);
    if (status) throw Error(ErrorKind::Io, folder + ": cannot be created: " + status.message());
}

std::string nameInFolder(const ReportWriter& writer) {
    return "report" + std::string(writer.extension);
}

void writeFile(const std::string& file, const std::string& format, const std::string& bytes,
               const std::optional<LoggedRun>& run, const ReportNote& note) {
    if (run) recordReport(*run, format, bytes, file, note);
    writeFileAtomically(file, bytes);
}

constexpr const char* kSignedName = "report.dsse.json";

// What is not on record is not signed.
void writeSignedStatement(const Json& report, const std::string& file, const LoggedRun& run) {
    writeFileAtomically(file, signedStatement(report, run, file));
}

// Of a folder for everything: why there is no signed statement is said, and the rest is written.
void addSignedStatement(const Json& report, const ReportTarget& target,
                        const std::optional<LoggedRun>& run, const ReportNote& note) {
    const std::string leftOut = std::string(kSignedName) + " is left out: ";
    if (!target.isOfTheLog)
        return note(leftOut + "only what a log itself gives is signed, never a report's JSON");
    if (!run) return note(leftOut + "it is signed with the key of a log, and this run is in none");
    try {
        writeSignedStatement(report, (fs::path(target.place) / kSignedName).string(), *run);
    } catch (const Error& error) {
        const bool isOfTheLog = error.kind() == ErrorKind::Unsupported ||
                                error.kind() == ErrorKind::Io ||
                                error.kind() == ErrorKind::Tampered;
        if (!isOfTheLog) throw;
        note(leftOut + error.what());
    }
}

bool isWritable(const ReportWriter& writer, const Json& report) {
    return writer.whyNot == nullptr || writer.whyNot(report).empty();
}

void writeTables(const Json& report, const fs::path& folder, const std::optional<LoggedRun>& run,
                 const ReportNote& note) {
    const std::vector<ReportFile> files = reportCsv(report);
    const ReportFile& manifest = files.back();
    if (run) recordReport(*run, "csv", manifest.bytes, (folder / manifest.name).string(), note);
    for (const ReportFile& file : files) writeFileAtomically(folder / file.name, file.bytes);
}

}  // namespace

ReportTarget reportTarget(const std::optional<std::string>& place,
                          const std::optional<std::string>& format) {
    if (format && *format != "csv") reportWriter(*format);
    if (!place) {
        if (format == "csv")
            throw Error(ErrorKind::Usage,
                        "--format csv writes a file per table: give --out FOLDER");
        return {format.value_or("html"), ""};
    }
    if (format) return {*format, *place};
    if (place->ends_with(kEnvelopeExtension)) return {std::string(kSignedFormat), *place};
    if (const ReportWriter* writer = reportWriterFor(*place))
        return {std::string(writer->id), *place};
    if (namesFolder(*place)) return {"all", *place};
    throw Error(ErrorKind::Usage, *place + ": a report is written as " + reportWriterIds() +
                                      ", not " + inQuotes(fs::path(*place).extension().string()) +
                                      "; a name without an ending is a folder for all of them");
}

void requireLogFor(const ReportTarget& target, bool isLogged) {
    if (target.format == kSignedFormat && !isLogged)
        throw Error(ErrorKind::Usage, target.place +
                                          ": a signed statement is made with the key of a log: "
                                          "give --log FILE");
}

bool isFolderFormat(std::string_view format) {
    return format == "csv" || format == "all";
}

std::string quotedCommand(const std::string& verb, const std::vector<std::string>& arguments) {
    std::string out = "driftlens " + verb;
    for (const std::string& argument : arguments) {
        out += ' ';
        if (!argument.empty() &&
            argument.find_first_of(" \n\t\"'$&|;()<>*?#\\`") == std::string::npos) {
            out += argument;
            continue;
        }
        out += '\'';
        for (const char c : argument) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
        out += '\'';
    }
    return out;
}

bool isReportable(const RunSummary& run) {
    return run.verb == "compare" && run.status == "finished";
}

Json comparisonReport(const Comparison& comparison, const std::string& command,
                      const Json& environment, const std::optional<std::string>& logFile,
                      const std::vector<std::string>& sections) {
    ReportParts parts;
    parts.command = command;
    parts.environment = environment;
    parts.comparison = toJson(comparison);
    if (logFile) parts.evidence = reportEvidence(*logFile, comparison.runId);
    parts.sections = sections;
    return makeReport(parts);
}

Json datasetReport(const RecordedDataset& recorded, const std::string& command,
                   const Json& environment, const std::optional<LoggedRun>& run,
                   const std::vector<std::string>& sections) {
    ReportParts parts;
    parts.command = command;
    parts.environment = environment;
    parts.dataset = recorded.dataset;
    parts.outcomes = recorded.outcomes;
    parts.notable = recorded.notable;
    if (run) parts.evidence = reportEvidence(run->logFile, run->runId);
    parts.sections = sections;
    return makeReport(parts);
}

Json reportOfRun(const LoggedRun& run, const std::vector<std::string>& sections) {
    const auto log = AuditLog::openForReading(run.logFile);
    const std::string command = quotedCommand("report", {run.logFile, run.runId});
    const std::vector<AuditRecord> records = log->records(run.runId);
    const Json start = records.empty() ? Json::object() : records.front().body;
    const Json environment = start.value("environment", Json::object());
    if (start.contains("data"))
        return datasetReport(readDataset(*log, run.runId), command, environment, run, sections);
    return comparisonReport(readComparison(*log, run.runId), command, environment, run.logFile,
                            sections);
}

void recordReport(const LoggedRun& run, const std::string& format, const std::string& bytes,
                  const std::string& place, const ReportNote& note) {
    const std::string where =
        place.empty() ? "(standard output)" : fs::absolute(place).lexically_normal().string();
    try {
        AuditLog::openForWriting(run.logFile)
            ->addReportExport({run.runId, format, where, toHex(sha256(bytes))});
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Io && error.kind() != ErrorKind::Tampered) throw;
        note("this report is not on record: " + std::string(error.what()));
    }
}

std::vector<std::string> reportFiles(const Json& report, const ReportTarget& target) {
    if (!isFolderFormat(target.format)) return {target.place};
    std::vector<std::string> out;
    if (target.format == "all")
        for (const ReportWriter& writer : reportWriters())
            if (isWritable(writer, report)) out.push_back(nameInFolder(writer));
    if (target.format == "all" && target.isOfTheLog && report.contains("evidence"))
        out.emplace_back(kSignedName);
    for (const ReportFile& file : reportCsv(report)) out.push_back(file.name);
    return out;
}

void writeReport(const Json& report, const ReportTarget& target,
                 const std::optional<LoggedRun>& run, const ReportNote& note) {
    if (target.format == kSignedFormat) {
        requireLogFor(target, run.has_value());
        return writeSignedStatement(report, target.place, *run);
    }
    if (!isFolderFormat(target.format)) {
        const std::string bytes = reportWriter(target.format).write(layoutOf(report), report);
        return writeFile(target.place, target.format, bytes, run, note);
    }
    makeFolder(target.place);
    if (target.format == "all") {
        const ReportLayout layout = layoutOf(report);
        for (const ReportWriter& writer : reportWriters()) {
            if (!isWritable(writer, report)) continue;
            writeFile((fs::path(target.place) / nameInFolder(writer)).string(),
                      std::string(writer.id), writer.write(layout, report), run, note);
        }
        addSignedStatement(report, target, run, note);
    }
    writeTables(report, target.place, run, note);
}

}  // namespace driftlens
