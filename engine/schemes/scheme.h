// The table of compression schemes. Adding one: its file, a declaration in schemes.h, a row in
// registry.cpp.
#pragma once

#include "core/base/parameters.h"
#include "core/base/run_context.h"

#include <memory>
#include <span>
#include <string_view>

namespace driftlens {

class Model;

struct SchemeEntry {
    std::string_view id;  // stored in records: never rename
    std::string_view title, summary;
    std::span<const ParameterInfo> parameters;
    // The model compressed; shares every weight that is left as it is.
    std::shared_ptr<const Model> (*apply)(const Model& model, const ParameterSet& settings,
                                          const RunContext& context);
};

std::span<const SchemeEntry> schemes();
const SchemeEntry& schemeNamed(std::string_view id);  // throws Error(Usage) with the known ones

}  // namespace driftlens
