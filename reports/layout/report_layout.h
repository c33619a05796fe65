// From the JSON of a report to what it shows, section by section.
#pragma once

#include "core/base/json.h"
#include "reports/layout/layout.h"

#include <string>
#include <vector>

namespace driftlens {

// Pages round numbers and table the worst examples; tables for machines have every digit and row.
enum class Detail { Page, Everything };

// The sections that the report chose, in their order; all foreign text made harmless (displayText).
// `report` has passed checkReport or comes from makeReport.
ReportLayout layoutOf(const Json& report, Detail detail = Detail::Page);

// Every table of the layout, for CSV.
std::vector<Table> tablesOf(const Json& report);

}  // namespace driftlens
