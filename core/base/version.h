// The program's version, in one place; CMakeLists.txt repeats it for packaging.
#pragma once

#include <string_view>

namespace driftlens {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace driftlens
