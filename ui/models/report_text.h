// A report as plain text, for other programs: what its pages say, without their figures.
#pragma once

#include "reports/layout/layout.h"

#include <QString>

namespace driftlens {

QString reportPlainText(const ReportLayout& layout);

}  // namespace driftlens
