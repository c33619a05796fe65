// Reports of comparisons: of one that was just made, and of one that a log holds.
#pragma once

#include "core/base/json.h"
#include "engine/compare/comparison.h"

#include <optional>
#include <string>

namespace driftlens {

// Text of a report in that format ("html" or "json"). With a log, the report says where the run
// stands in it and what verification found.
std::string reportText(const Comparison& comparison, const std::string& command,
                       const Json& environment, const std::optional<std::string>& logFile,
                       const std::string& format);

// Puts a report on record in the log of its run, before it is written to `file` (empty: standard
// output). A log that cannot be written, or must not be any more, is said on standard error: what
// somebody else's log holds can be shown all the same.
void recordReport(const std::string& logFile, const std::string& runId, const std::string& format,
                  const std::string& text, const std::string& file);

// The format that a file's name asks for. Throws Error(Usage) for another than .html or .json.
std::string reportFormatOf(const std::string& file);

}  // namespace driftlens
