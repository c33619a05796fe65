// A report as one self-contained HTML page: no script, no reference to anything outside.
#pragma once

#include "reports/document/document.h"

#include <string>

namespace driftlens {

std::string toHtml(const ReportDocument& document);

}  // namespace driftlens
