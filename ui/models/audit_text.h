// What the audit log says, in words: a verification, a record, a rerun, an erasure. No widgets.
#pragma once

#include "engine/audit/log.h"
#include "engine/audit/verify.h"
#include "engine/rerun/rerun.h"

#include <QString>

#include <string>
#include <vector>

namespace driftlens {

enum class Weight { Good, Caution, Bad };

// One line that cannot be misread, how bad it is, and everything behind it.
struct AuditVerdict {
    Weight weight = Weight::Caution;
    QString line;  // "✔ VERIFIED: 12 records, nothing altered"
    QString details;
};

AuditVerdict verdictOf(const AuditVerification& found, const AuditTrust& trust);
AuditVerdict verdictOf(const Rerun& rerun);

// A record and its payloads as the log has them now. Read on the worker thread.
struct ShownRecord {
    std::int64_t seq = 0;
    QString type, time, details;
};

std::vector<ShownRecord> readRecords(const AuditLog& log, const std::string& runId);

// What was erased, and what is out of reach.
QString erasureText(const Erasure& done);

}  // namespace driftlens
