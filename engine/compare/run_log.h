// A run in the log, from its start to whatever its end is.
#pragma once

#include "engine/audit/log.h"
#include "engine/compare/explain.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace driftlens {

// Runs `work` between run_started and run_finished, run_failed or run_cancelled; without a log it
// only runs it. LibTorch's errors leave as Error(Internal) with one line. Rethrows.
void runLogged(AuditLog* log, std::string_view verb, const Json& settings,
               const PromptRequest& request,
               const std::function<void(const std::string& runId)>& work);

// The settings of a request as a record holds them (floats as strings); the prompt is a payload.
Json requestJson(const PromptRequest& request);

// What stands as a string there because it may be too large for a JSON number: bytes, seeds. Throws
// Error(InputFile), naming `what`.
std::uint64_t readUnsigned(std::string_view text, std::string_view what);

// Settings without the texts and ids that some of them give: a payload has those.
Settings withoutTexts(Settings settings);

// The member of the payload "method_texts" that has a setting of the method at that place.
std::string methodTextKey(std::size_t index, const std::string& method, const std::string& setting);

// Program, libraries, processor and threads, for records and reports.
Json environmentJson();

}  // namespace driftlens
