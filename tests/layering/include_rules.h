#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace driftlens::layering {

/** Every #include under `root` that breaks a rule of the layout, one line each: the file, its line,
 *  what it includes and the rule; for LibTorch reached through others, the chain of headers.
 *  Sorted by file. Throws std::filesystem::filesystem_error if a file cannot be read. */
std::vector<std::string> findViolations(const std::filesystem::path& root);

}  // namespace driftlens::layering
