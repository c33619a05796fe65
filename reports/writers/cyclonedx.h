// The models of a report as a bill of materials: CycloneDX 1.6, JSON, with a model card each.
#pragma once

#include "core/base/json.h"

#include <string>
#include <string_view>

namespace driftlens {

// One component per model, with its digests, what it was made of (pedigree) and how far it drifted
// (performance metrics, with intervals where the report has them); one for the data set. The serial
// number is a UUID of version 8 (RFC 9562) made of the first bytes of `reportSha256`, the hex
// digest of the report's file: one report, one serial number. Throws Error(InputFile) if that is no
// digest.
std::string toCycloneDx(const Json& report, std::string_view reportSha256);

}  // namespace driftlens
