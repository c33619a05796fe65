// What the log says, in words for people: the command line and the desktop print these.
#pragma once

#include "engine/audit/log.h"
#include "engine/audit/verify.h"

#include <string>

namespace driftlens {

std::string verificationText(const AuditVerification& found);

// What an erasure did, and what it could not reach.
std::string erasureText(const Erasure& done);

std::string exportText(const ExportSummary& done);

// Who stamped a checkpoint.
std::string authorityText(const AuditTimestamp& stamp);

}  // namespace driftlens
