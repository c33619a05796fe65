// The shape of a report that comes from a file: closed where the report decides (its own members),
// open inside what the engine wrote, of which only what is shown is checked.
#pragma once

#include "core/base/json.h"

#include <string_view>

namespace driftlens {

// Throws Error(InputFile): "WHAT: /comparison/variants/0/fidelity/kl: a number is wanted, not a
// string". After it, writers need not look out for wrong types.
void checkReport(const Json& report, std::string_view what);

}  // namespace driftlens
