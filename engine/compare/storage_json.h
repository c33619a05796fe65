// How models are stored, part by part, as JSON: whole numbers, so the same for programs and in
// records of the log.
#pragma once

#include "core/base/json.h"
#include "engine/compare/comparison.h"

#include <string>
#include <vector>

namespace driftlens {

// A list of {part, form, weights, bytes, matrix_weights, zeros}; zeros that were not counted are
// null.
Json toJson(const std::vector<StoredPart>& storage);
// The inverse. Throws Error(InputFile), naming `what`.
std::vector<StoredPart> readStorage(const Json& list, const std::string& what);

}  // namespace driftlens
