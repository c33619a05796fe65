// Where the numbers of a report stand in a log, with what proves it to somebody without the log.
#pragma once

#include "core/base/json.h"

#include <filesystem>
#include <string>

namespace driftlens {

// The most records of a run that are all proved; of longer runs the first, the last and the
// aggregate are.
inline constexpr std::size_t kMostProofs = 200;

// The member "evidence": verification as of now, the newest checkpoint, the records of the run and
// their inclusion proofs. Throws Error(InputFile) for a file that is no log.
Json reportEvidence(const std::filesystem::path& logFile, const std::string& runId);

}  // namespace driftlens
