// The report of a logged run as a claim that is signed with the key of its log.
#pragma once

#include "reports/export/report_export.h"

#include <string>
#include <vector>

namespace driftlens {

// The envelope, made from what the log itself holds (never from a report's JSON, which anybody may
// have written), and on record before it comes back. An empty place stands for standard output.
// Throws as reportOfRun() and toDsse() do, Error(Unsupported) if the log has no key that could
// sign, and Error(Io) or Error(Tampered) if it cannot be written to: what is not on record is not
// signed.
std::string signedReport(const LoggedRun& run, const std::vector<std::string>& sections,
                         const std::string& place);

// The same of a report that is at hand: one that the log gave or the run just found, never one of a
// file.
std::string signedStatement(const Json& report, const LoggedRun& run, const std::string& place);

}  // namespace driftlens
