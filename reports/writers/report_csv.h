// The tables of a report as CSV files, with every row and digit.
#pragma once

#include "core/base/json.h"

#include <string>
#include <vector>

namespace driftlens {

struct ReportFile {
    std::string name;  // without a folder
    std::string bytes;
};

// A file per table that has rows, and MANIFEST.csv: each file with its SHA-256, and that of the
// report's JSON that they are all made from.
std::vector<ReportFile> reportCsv(const Json& report);

}  // namespace driftlens
