// A report as one self-contained HTML page: no script, no reference to anything outside.
#pragma once

#include "reports/layout/layout.h"

#include <string>

namespace driftlens {

std::string htmlReport(const ReportLayout& layout);

}  // namespace driftlens
