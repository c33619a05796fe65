// The models of a report's JSON, which stand in other places for a prompt than for a data set.
#pragma once

#include "core/base/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Keeps references into the report.
struct ReportModel {
    const Json* model = nullptr;    // path, scheme, digest, …
    const Json* variant = nullptr;  // what was found of it; null for the reference

    std::string text(std::string_view key) const;  // "" if absent
    std::string name() const;                      // as given, with its scheme
};

// The reference, then the variants in their order.
std::vector<ReportModel> modelsOf(const Json& report);

// "comparison" or "dataset" of a report; an empty object if it has neither.
const Json& findingsOf(const Json& report);

bool isSha256(std::string_view hex);

}  // namespace driftlens
