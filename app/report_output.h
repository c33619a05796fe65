// Reports on their way out: of a comparison that was just made, of one that a log holds, and of a
// report's JSON.
#pragma once

#include "core/base/json.h"
#include "engine/compare/comparison.h"
#include "engine/dataset/dataset.h"

#include <optional>
#include <string>
#include <vector>

namespace driftlens {

// Where a report goes and in which format: that of a row of reportWriters(), "csv", or "all".
struct ReportTarget {
    std::string format = "html";
    std::string place;  // a file, or a folder for "csv" and "all"; empty: standard output
};

// By the ending of the file's name, or the format; a name without an ending is a folder for
// everything. Throws Error(Usage) for another ending, and for tables without a folder.
ReportTarget reportTarget(const std::optional<std::string>& place,
                          const std::optional<std::string>& format);

// The run in a log that a report is of.
struct LoggedRun {
    std::string logFile, runId;
};

// The report's JSON of one comparison, with what the log proves of it.
Json comparisonReport(const Comparison& comparison, const std::string& command,
                      const Json& environment, const std::optional<std::string>& logFile,
                      const std::vector<std::string>& sections = {});

// The same of a data set.
Json datasetReport(const RecordedDataset& parts, const std::string& command,
                   const Json& environment, const std::optional<LoggedRun>& run,
                   const std::vector<std::string>& sections = {});

// Writes the report, or prints it. In a log every file goes on record before it is written (of CSV
// files their manifest, which names the others); a log that cannot be written, or must not be any
// more, is said on standard error: what somebody else's log holds can be shown all the same.
void writeReport(const Json& report, const ReportTarget& target,
                 const std::optional<LoggedRun>& run);

}  // namespace driftlens
