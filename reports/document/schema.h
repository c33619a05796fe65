// The JSON Schema (draft 2020-12) of a report: report.schema.json, compiled in.
#pragma once

#include <string_view>

namespace driftlens {

std::string_view reportSchema();

}  // namespace driftlens
