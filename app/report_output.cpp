#include "app/report_output.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/files/mapped_file.h"
#include "engine/audit/log.h"
#include "engine/compare/explain.h"
#include "reports/document/document.h"
#include "reports/document/evidence.h"
#include "reports/layout/report_layout.h"
#include "reports/writers/registry.h"
#include "reports/writers/report_csv.h"

#include <filesystem>
#include <iostream>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

bool isForFolder(const std::string& format) {
    return format == "csv" || format == "all";
}

bool namesFolder(const std::string& place) {
    std::error_code status;
    return place.ends_with('/') || fs::is_directory(place, status) ||
           fs::path(place).extension().empty();
}

void record(const LoggedRun& run, const std::string& format, const std::string& bytes,
            const std::string& file) {
    const std::string place =
        file.empty() ? "(standard output)" : fs::absolute(file).lexically_normal().string();
    try {
        AuditLog::openForWriting(run.logFile)
            ->addReportExport({run.runId, format, place, toHex(sha256(bytes))});
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Io && error.kind() != ErrorKind::Tampered) throw;
        std::cerr << "driftlens: this report is not on record: " << error.what() << "\n";
    }
}

void makeFolder(const std::string& folder) {
    std::error_code status;
    fs::create_directories(folder, status);
    if (status) throw Error(ErrorKind::Io, folder + ": cannot be created: " + status.message());
}

void writeFile(const std::string& file, const std::string& format, const std::string& bytes,
               const std::optional<LoggedRun>& run) {
    if (run) record(*run, format, bytes, file);
    writeFileAtomically(file, bytes);
}

void writeTables(const Json& report, const fs::path& folder, const std::optional<LoggedRun>& run) {
    const std::vector<ReportFile> files = reportCsv(report);
    const ReportFile& manifest = files.back();
    if (run) record(*run, "csv", manifest.bytes, (folder / manifest.name).string());
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
    if (const ReportWriter* writer = reportWriterFor(*place))
        return {std::string(writer->id), *place};
    if (namesFolder(*place)) return {"all", *place};
    throw Error(ErrorKind::Usage, *place + ": a report is written as " + reportWriterIds() +
                                      ", not " + inQuotes(fs::path(*place).extension().string()) +
                                      "; a name without an ending is a folder for all of them");
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

void writeReport(const Json& report, const ReportTarget& target,
                 const std::optional<LoggedRun>& run) {
    const std::string& place = target.place;
    if (isForFolder(target.format)) {
        makeFolder(place);
        if (target.format == "all") {
            const ReportLayout layout = layoutOf(report);
            for (const ReportWriter& writer : reportWriters())
                writeFile((fs::path(place) / ("report" + std::string(writer.extension))).string(),
                          std::string(writer.id), writer.write(layout, report), run);
        }
        writeTables(report, place, run);
        return;
    }
    const std::string bytes = reportWriter(target.format).write(layoutOf(report), report);
    if (!place.empty()) return writeFile(place, target.format, bytes, run);
    if (run) record(*run, target.format, bytes, "");
    std::cout << bytes << std::flush;
    if (!std::cout) throw Error(ErrorKind::Io, "standard output cannot be written");
}

}  // namespace driftlens
