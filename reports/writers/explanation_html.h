// An explanation of one model as a self-contained HTML page: no script, no reference to anything
// outside.
#pragma once

#include "core/base/json.h"
#include "engine/compare/explain.h"

#include <string>

namespace driftlens {

// How a page came to be.
struct Provenance {
    std::string createdUtc;
    std::string command;
    Json environment;
};

std::string explanationHtml(const Explanation& explanation, const Provenance& made);

}  // namespace driftlens
