// One report document; every writer (HTML, JSON) renders this and nothing else.
#pragma once

#include "core/base/json.h"
#include "engine/compare/explain.h"

#include <optional>
#include <string>
#include <vector>

namespace driftlens {

// Where the report's evidence lies in the log, if it was logged.
struct LogEvidence {
    std::string logFile;
    std::string logId;
    std::string runId;
    std::int64_t firstRecord = 0;
    std::int64_t lastRecord = 0;
    std::string head;  // hex leaf of the last record
    std::string status;
};

// The content of a report: values only, already computed.
struct ReportDocument {
    std::string title;
    std::string createdUtc;
    std::string command;  // that made it
    Comparison comparison;
    std::optional<LogEvidence> evidence;
    Json environment;                 // program and library versions, threads, machine
    std::vector<std::string> limits;  // what the report does not establish
};

// The current time, "2026-01-31T12:00:00Z".
std::string nowUtc();

// A report on one comparison, with the limits that always hold.
ReportDocument makeReport(const Comparison& comparison, std::string command, Json environment);

// The report as JSON, "driftlens/report/1": the source that the other writers render.
Json toJson(const ReportDocument& document);

}  // namespace driftlens
