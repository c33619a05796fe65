// The table of what is done to a model in memory: compression schemes and adapters. Adding one: its
// file, a declaration in schemes.h, a row in registry.cpp.
#pragma once

#include "core/base/parameters.h"
#include "core/base/run_context.h"
#include "core/files/checkpoint.h"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace driftlens {

class Model;

struct SchemeEntry {
    std::string_view id;  // stored in records: never rename
    std::string_view title, summary;
    std::span<const ParameterInfo> parameters;
    // The model changed; shares every weight that is left as it is.
    std::shared_ptr<const Model> (*apply)(const Model& model, const ParameterSet& settings,
                                          const RunContext& context);
    // The setting that "id=value" is short for, and that must be given; empty: none.
    std::string_view mainSetting = {};
    // The files that the settings name, part of the variant's identity; null: none. Reads all
    // bytes.
    std::vector<FileDigest> (*files)(const ParameterSet& settings) = nullptr;
};

std::span<const SchemeEntry> schemes();
const SchemeEntry& schemeNamed(std::string_view id);  // throws Error(Usage) with the known ones

}  // namespace driftlens
