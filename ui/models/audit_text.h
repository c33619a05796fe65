// What the audit log says, in words: a verification, a record, a rerun, an erasure. No widgets.
#pragma once

#include "engine/audit/log.h"
#include "engine/audit/verify.h"
#include "engine/rerun/rerun.h"
#include "ui/models/weight.h"

#include <QString>

#include <string>
#include <vector>

namespace driftlens {

// One line that cannot be misread, how bad it is, and everything behind it.
struct AuditVerdict {
    Weight weight = Weight::Caution;
    QString word;  // "✔ VERIFIED"
    QString text;  // "12 records, nothing altered"
    QString details;

    QString line() const { return text.isEmpty() ? word : word + QStringLiteral(": ") + text; }
};

AuditVerdict verdictOf(const AuditVerification& found, const AuditTrust& trust);
AuditVerdict verdictOf(const Rerun& rerun);
// Of the log behind a report's JSON, as it was when the report was made.
AuditVerdict verdictOfEvidence(const Json& report);

// A record as a list shows it.
struct ShownRecord {
    std::int64_t seq = 0;
    QString type, time;
};

// Read on the worker thread. At most so many records of the run after that one; a whole record, and
// its payloads as the log has them now.
std::vector<ShownRecord> readRecords(const AuditLog& log, const std::string& runId,
                                     std::int64_t after, std::int64_t most);
QString readRecord(const AuditLog& log, const std::string& runId, std::int64_t seq);

}  // namespace driftlens
