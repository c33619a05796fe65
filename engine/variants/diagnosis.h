// What is suspicious about a checkpoint that loads.
#pragma once

#include <string>
#include <vector>

namespace driftlens {

class GgufFile;
struct LoadedModel;

// One line each, for inspect: what is odd, where, and what it means. Reads every weight once.
std::vector<std::string> diagnose(const LoadedModel& model);

// What only a GGUF file can have: a file type that no tensor has, token scores that say nothing,
// norms without their offset, non-finite blocks.
std::vector<std::string> diagnoseGguf(const GgufFile& file);

}  // namespace driftlens
