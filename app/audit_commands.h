// What follows "audit" on the command line. Each returns an exit code; errors are thrown.
#pragma once

#include "app/options.h"
#include "engine/audit/verify.h"

#include <string>

namespace driftlens {

int verifyLog(const VerbOptions& options, const std::string& file);
int verifyProof(const VerbOptions& options, const std::string& file);
int proveRecord(const VerbOptions& options, const std::string& file, const std::string& record);

}  // namespace driftlens
