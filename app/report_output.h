// Reports on their way to a file or to standard output.
#pragma once

#include "reports/export/report_export.h"

namespace driftlens {

// Where the report of a run goes that is about to be computed. Throws Error(Usage) as
// reportTarget() and requireLogFor() do.
ReportTarget ownReportTarget(const std::optional<std::string>& place, bool isLogged);

// Writes the report as reports/export does, or prints it; both go on record in the run's log. What
// is not on record is said on standard error.
void emitReport(const Json& report, const ReportTarget& target,
                const std::optional<LoggedRun>& run);

}  // namespace driftlens
