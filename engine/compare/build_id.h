// Which build of the program this is.
#pragma once

#include <string>

namespace driftlens {

// The linker's digest of the running program, as hex; "unknown" where it has none. Two programs of
// one version differ in it if they were built from other sources or by another compiler.
std::string buildId();

}  // namespace driftlens
