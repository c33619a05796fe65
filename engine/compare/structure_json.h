// The insides' drift as JSON: for people and programs, and as a record of the log.
#pragma once

#include "core/base/json.h"
#include "engine/audit/log.h"
#include "engine/compare/comparison.h"

#include <string>

namespace driftlens {

Json toJson(const StructureDrift& drift);

// Numbers as text, so that they read back exactly; maps as blobs of the log, which an erasure takes
// away.
Json structureRecord(AuditLog& log, const StructureDrift& drift);
// Throws what JSON throws for a record of another shape.
StructureDrift readStructure(const AuditLog& log, const Json& record, const std::string& where);

}  // namespace driftlens
