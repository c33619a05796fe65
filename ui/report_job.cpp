#include "ui/report_job.h"

#include "core/base/error.h"
#include "core/files/mapped_file.h"
#include "reports/document/document.h"
#include "reports/export/signed_report.h"
#include "reports/layout/report_layout.h"
#include "ui/widgets/text.h"

namespace driftlens {
namespace {

std::optional<LoggedRun> loggedRun(const std::string& log, const std::string& runId) {
    return log.empty() || runId.empty() ? std::nullopt : std::optional(LoggedRun{log, runId});
}

WholeReport promptReport(const Result& result) {
    const auto run = loggedRun(result.origin.log, result.comparison.runId);
    return {comparisonReport(result.comparison, result.origin.command, result.origin.environment,
                             run ? std::optional(run->logFile) : std::nullopt),
            run};
}

WholeReport dataReport(const FinishedDataset& data) {
    const auto run = loggedRun(data.origin.log, data.runId);
    return {datasetReport(recordedOf(data), data.origin.command, data.origin.environment, run),
            run};
}

}  // namespace

WholeReportPtr makeWholeReport(const ReportSource& source) {
    if (source.run)
        return std::make_shared<WholeReport>(WholeReport{reportOfRun(*source.run), source.run});
    return std::make_shared<WholeReport>(source.data != nullptr ? dataReport(*source.data)
                                                                : promptReport(*source.prompt));
}

PreparedReportPtr prepareReport(const WholeReport& whole, const std::vector<std::string>& sections,
                                const RunContext& context) {
    context.throwIfStopped();
    auto out = std::make_shared<PreparedReport>();
    out->report = withSections(whole.report, sections);
    out->layout = layoutOf(out->report);
    out->pages = std::make_shared<PageImages>(out->layout, [&] { context.throwIfStopped(); });
    return out;
}

QImage pageImage(const PageImage& image) {
    return QImage(image.pixels.data(), image.width, image.height, image.stride,
                  QImage::Format_RGB32)
        .copy();
}

QStringList exportReport(const Json& report, const ReportTarget& target,
                         const std::optional<LoggedRun>& run) {
    if (target.format == kSignedFormat) {
        if (!run) throw Error(ErrorKind::Usage, "only the report of a logged run can be signed");
        const auto sections = report.value("sections", std::vector<std::string>());
        writeFileAtomically(target.place, signedReport(*run, sections, target.place));
        return {};
    }
    QStringList notes;
    writeReport(report, target, run,
                [&](const std::string& line) { notes.push_back(qtText(line)); });
    return notes;
}

}  // namespace driftlens
