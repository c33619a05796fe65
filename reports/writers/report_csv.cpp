#include "reports/writers/report_csv.h"

#include "core/base/digest.h"
#include "reports/document/document.h"
#include "reports/layout/report_layout.h"
#include "reports/writers/csv_text.h"

#include <algorithm>
#include <cctype>

namespace driftlens {
namespace {

// Letters, digits and underscores: methods have no others, but a file may say anything.
std::string fileName(const std::string& id) {
    std::string out = id.substr(0, 100);
    std::replace_if(
        out.begin(), out.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_'; },
        '_');
    return out + ".csv";
}

std::string tableText(const Table& table) {
    std::vector<std::string> cells;
    for (const Column& column : table.columns) cells.push_back(csvTextCell(column.title));
    std::string out = csvRow(cells);
    for (const std::vector<std::string>& row : table.rows) {
        cells.clear();
        for (std::size_t i = 0; i < row.size(); ++i) {
            // A number begins with a minus and is none the worse for it.
            const bool isNumber = table.columns[i].kind == ColumnKind::Number &&
                                  row[i].find_first_not_of("0123456789+-.eE") == std::string::npos;
            cells.push_back(isNumber ? row[i] : csvTextCell(row[i]));
        }
        out += csvRow(cells);
    }
    return out;
}

}  // namespace

std::vector<ReportFile> reportCsv(const Json& report) {
    std::vector<ReportFile> out;
    std::string manifest =
        csvRow({"file", "sha256"}) + csvRow({"report.json", toHex(sha256(reportText(report)))});
    for (const Table& table : tablesOf(report)) {
        if (table.rows.empty()) continue;
        std::string name = fileName(table.id);
        const auto isTaken = [&](const ReportFile& each) { return each.name == name; };
        for (int i = 2; std::any_of(out.begin(), out.end(), isTaken); ++i)
            name = fileName(table.id + "_" + std::to_string(i));
        out.push_back({name, tableText(table)});
        manifest += csvRow({name, toHex(sha256(out.back().bytes))});
    }
    out.push_back({"MANIFEST.csv", manifest});
    return out;
}

}  // namespace driftlens
