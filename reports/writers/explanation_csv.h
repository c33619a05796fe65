// The scores of an explanation as a table for spreadsheets (RFC 4180).
#pragma once

#include "engine/compare/explain.h"

#include <string>

namespace driftlens {

// One row per method and column of scores (virtual token, token, or part of the network): method,
// index, id, text, start, end, score, norm, standard_error. Virtual tokens count from below 0.
// Numbers read back exactly. Text that a spreadsheet would take for a formula has an apostrophe
// before it.
std::string explanationCsv(const Explanation& explanation);

}  // namespace driftlens
