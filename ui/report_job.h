// What the Report tab does on its worker thread.
#pragma once

#include "core/base/run_context.h"
#include "reports/export/report_export.h"
#include "reports/pdf/page_images.h"
#include "ui/dataset_job.h"
#include "ui/models/result.h"

#include <QImage>
#include <QStringList>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

// What a report is of: one of the three.
struct ReportSource {
    ResultPtr prompt;
    DatasetResultPtr data;
    std::optional<LoggedRun> run;  // of a log, chosen there
};

// The report with all its sections, and the run that its exports go on record with.
struct WholeReport {
    Json report;
    std::optional<LoggedRun> run;
};
using WholeReportPtr = std::shared_ptr<const WholeReport>;

// The same with the sections that were chosen, as it is exported, and its pages.
struct PreparedReport {
    Json report;
    ReportLayout layout;
    std::shared_ptr<const PageImages> pages;
};
using PreparedReportPtr = std::shared_ptr<const PreparedReport>;

// Throw as reports and the log do; Error(Cancelled) at the next page if a stop is asked.
WholeReportPtr makeWholeReport(const ReportSource& source);
PreparedReportPtr prepareReport(const WholeReport& whole, const std::vector<std::string>& sections,
                                const RunContext& context);

QImage pageImage(const PageImage& image);

// Writes a file or a folder of files, as the verb `report` does. What comes back are notes for
// people: that the report is not on record, and why.
QStringList exportReport(const Json& report, const ReportTarget& target,
                         const std::optional<LoggedRun>& run);

}  // namespace driftlens
