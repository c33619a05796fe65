// Names of the floating types that a weight can be stored in.
#pragma once

#include "core/tensor.h"

#include <optional>
#include <string_view>

namespace driftlens {

// "F16", "BF16", "F32", "F64"; none for other types.
std::optional<std::string_view> floatingTypeName(at::ScalarType type);

// The type of that name.
std::optional<at::ScalarType> floatingTypeNamed(std::string_view name);

}  // namespace driftlens
