// Reports on their way out: of a comparison that was just made, of one that a log holds, and of a
// report's JSON. The command line and the desktop write reports with this and nothing else.
#pragma once

#include "core/base/json.h"
#include "engine/compare/comparison.h"
#include "engine/dataset/dataset.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

struct RunSummary;

// The format of a signed statement in records and on the command line. It takes a log and its key,
// so it is no row of reportWriters().
inline constexpr std::string_view kSignedFormat = "dsse";

// Where a report goes and in which format: that of a row of reportWriters(), "csv", "dsse", or
// "all".
struct ReportTarget {
    std::string format = "html";
    std::string place;  // a file, or a folder for "csv" and "all"; empty: standard output
    // The report is what the log gave or the run just found, never what a file says: only such a
    // one is signed.
    bool isOfTheLog = false;
};

// By the ending of the file's name, or the format; a name without an ending is a folder for
// everything. Throws Error(Usage) for another ending, and for tables without a folder.
ReportTarget reportTarget(const std::optional<std::string>& place,
                          const std::optional<std::string>& format);

// "csv" and "all" are many files in a folder.
bool isFolderFormat(std::string_view format);

// "driftlens VERB ARGUMENT…" as a shell takes it: what a report says it was made by.
std::string quotedCommand(const std::string& verb, const std::vector<std::string>& arguments);

// The run in a log that a report is of.
struct LoggedRun {
    std::string logFile, runId;
};

// Whether a report can be made of a run.
bool isReportable(const RunSummary& run);

// The report's JSON of one comparison, with what the log proves of it.
Json comparisonReport(const Comparison& comparison, const std::string& command,
                      const Json& environment, const std::optional<std::string>& logFile,
                      const std::vector<std::string>& sections = {});

// The same of a data set.
Json datasetReport(const RecordedDataset& parts, const std::string& command,
                   const Json& environment, const std::optional<LoggedRun>& run,
                   const std::vector<std::string>& sections = {});

// The same of what a log holds. Throws as readComparison() and readDataset() do.
Json reportOfRun(const LoggedRun& run, const std::vector<std::string>& sections = {});

// Called with one line for what is no error: the report is written, but not on record.
using ReportNote = std::function<void(const std::string& line)>;

// Puts the bytes of a report on record, before they are written. A log that cannot be written, or
// must not be any more, is a note: what somebody else's log holds can be shown all the same. An
// empty place stands for standard output.
void recordReport(const LoggedRun& run, const std::string& format, const std::string& bytes,
                  const std::string& place, const ReportNote& note);

// Throws Error(Usage) for a signed statement of a run that is in no log.
void requireLogFor(const ReportTarget& target, bool isLogged);

// The files that writeReport() would make, by name in the target's folder; of one file its place.
std::vector<std::string> reportFiles(const Json& report, const ReportTarget& target);

// Writes the report to its place, each file whole or not at all. In a log every file goes on record
// before it is written (of CSV files their manifest, which names the others). "all" is every format
// that this report can be, and the signed statement, or a note why there is none. Throws Error(Io),
// and what signedStatement() throws for "dsse".
void writeReport(const Json& report, const ReportTarget& target,
                 const std::optional<LoggedRun>& run, const ReportNote& note);

}  // namespace driftlens
