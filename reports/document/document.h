// One report document; every writer (HTML, JSON) renders this and nothing else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "engine/compare/comparison.h"

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
    Json environment;  // program and library versions, threads, machine
    std::vector<std::string> limits;  // what the report does not establish
};

}  // namespace driftlens
