// The one source of every report: a JSON value, "driftlens/report/1" (report.schema.json), that all
// writers render and nothing else.
#pragma once

#include "core/base/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// What a report is made of. Whatever is null is absent, and the report says so.
struct ReportParts {
    std::string command;     // that made it
    std::string createdUtc;  // empty: now
    Json environment;        // environmentJson()
    Json comparison;         // of one prompt: toJson(Comparison)
    // Of a data set: toJson(DatasetResult); per example what it gave; up to six that are worth
    // reading ({example, text, why, comparison}).
    Json dataset, outcomes, notable;
    Json evidence;                      // reportEvidence()
    std::vector<std::string> sections;  // to show; empty: all
};

// The current time, "2026-01-31T12:00:00Z".
std::string nowUtc();

// The report, with its limits, plain-language summary, clause map and the cards of its methods.
// Throws Error(Usage) for a section that there is not; Error(Internal) if it has neither a
// comparison nor a data set.
Json makeReport(const ReportParts& parts);

// The report again with those sections chosen.
Json withSections(Json report, const std::vector<std::string>& sections);

// The bytes of the report's file, which its SHA-256 is of. Bytes that are no UTF-8 become U+FFFD.
std::string reportText(const Json& report);

// The inverse: reportText(readReport(text)) is text. Throws Error(InputFile), naming `what` and the
// place, for another schema or shape.
Json readReport(std::string_view text, std::string_view what);

}  // namespace driftlens
