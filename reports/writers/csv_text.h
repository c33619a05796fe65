// CSV (RFC 4180) of text that others chose, for spreadsheets that must not run it.
#pragma once

#include <string>
#include <vector>

namespace driftlens {

// The cell quoted where needed; a text that a spreadsheet would take for a formula gets a leading
// '.
std::string csvTextCell(const std::string& text);

// Cells that are quoted already, or numbers.
std::string csvRow(const std::vector<std::string>& cells);

}  // namespace driftlens
