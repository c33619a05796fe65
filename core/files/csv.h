// Comma-separated values (RFC 4180), strictly: one record at a time.
#pragma once

#include "core/files/line_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

struct CsvRecord {
    std::vector<std::string> fields;
    std::uint64_t line = 0;  // where it begins
};

// The next record; a field in quotes may hold line ends. Nothing at the end of the file; an empty
// line is a record of one empty field. Throws Error(InputFile) naming the line for a quote where
// none may be, one that is never closed, and a record that is longer than a line may be.
std::optional<CsvRecord> nextCsvRecord(LineReader& reader);

}  // namespace driftlens
