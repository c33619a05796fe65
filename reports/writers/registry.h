// The formats of a report: a row per writer. Command line and tests read the rows.
#pragma once

#include "core/base/json.h"
#include "reports/layout/layout.h"

#include <span>
#include <string>
#include <string_view>

namespace driftlens {

struct ReportWriter {
    std::string_view id;         // of --format, and of the record: never rename
    std::string_view extension;  // of a file, with its dot; no two rows share one
    std::string_view description;
    // The bytes of the file. The layout is layoutOf(report); both hold all there is to say.
    std::string (*write)(const ReportLayout& layout, const Json& report);
    // Why there is no such file of a report, or nothing; null: there always is. write() throws
    // Error(Unsupported) with the same reason.
    std::string (*whyNot)(const Json& report) = nullptr;
};

std::span<const ReportWriter> reportWriters();

// By id. Throws Error(Usage), with the known ones.
const ReportWriter& reportWriter(std::string_view id);
// By the ending of a file's name, the longest that fits; nullptr if none does, and for that of a
// signed statement, which none of them writes (else it would be taken for plain JSON, and look
// signed).
const ReportWriter* reportWriterFor(std::string_view fileName);
std::string reportWriterIds();  // "html, json, …", for messages

}  // namespace driftlens
