#include "app/report_output.h"

#include "core/base/error.h"
#include "reports/layout/report_layout.h"
#include "reports/writers/registry.h"

#include <iostream>

namespace driftlens {

ReportTarget ownReportTarget(const std::optional<std::string>& place, bool isLogged) {
    if (!place) return {};
    ReportTarget out = reportTarget(place, {});
    out.isOfTheLog = true;
    requireLogFor(out, isLogged);
    return out;
}

void emitReport(const Json& report, const ReportTarget& target,
                const std::optional<LoggedRun>& run) {
    const ReportNote note = [](const std::string& line) {
        std::cerr << "driftlens: " << line << "\n";
    };
    if (!target.place.empty()) return writeReport(report, target, run, note);
    const std::string bytes = reportWriter(target.format).write(layoutOf(report), report);
    if (run) recordReport(*run, target.format, bytes, "", note);
    std::cout << bytes << std::flush;
    if (!std::cout) throw Error(ErrorKind::Io, "standard output cannot be written");
}

}  // namespace driftlens
